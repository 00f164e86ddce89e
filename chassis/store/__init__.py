"""The event store on MongoDB; ``PERSISTENCE_MODULE=chassis.store`` finds its one factory here."""

from chassis.store.factory import MongoFactory

__all__ = ["MongoFactory"]
