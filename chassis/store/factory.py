"""Builds recorders: from an environment, or on a client that the whole process shares."""

from eventsourcing.persistence import InfrastructureFactory
from eventsourcing.utils import Environment, EnvType, resolve_topic, strtobool
from pymongo.database import Database

from chassis.store.aggregate_recorder import MongoAggregateRecorder
from chassis.store.application_recorder import MongoApplicationRecorder
from chassis.store.client import connect
from chassis.store.documents import Document
from chassis.store.handles import Handles, handles
from chassis.store.process_recorder import MongoProcessRecorder
from chassis.store.tracking_recorder import MongoTrackingRecorder
from chassis.store.writer import DEADLINE_S


class MongoFactory(InfrastructureFactory[MongoTrackingRecorder]):
    """Wires one application to its collections.

    With ``database`` the client belongs to the caller and is never closed here. Without, the
    environment gives ``MONGODB_URL``, ``MONGODB_DATABASE`` and, for its name, the application.
    ``CREATE_TABLE`` false leaves the indexes to somebody else.
    """

    MONGODB_URL = "MONGODB_URL"
    MONGODB_DATABASE = "MONGODB_DATABASE"
    CREATE_TABLE = "CREATE_TABLE"

    def __init__(
        self,
        env: Environment | EnvType | None,
        *,
        database: Database[Document] | None = None,
        collection: str | None = None,
        deadline_s: float = DEADLINE_S,
    ) -> None:
        super().__init__(env)
        self._owned = None if database is not None else connect(self._required(self.MONGODB_URL))
        self._database = database
        if self._owned is not None:
            self._database = self._owned[self._required(self.MONGODB_DATABASE)]
        self._collection = collection or f"{self.env.name.lower() or 'application'}_commits"
        self._deadline_s = deadline_s

    def aggregate_recorder(self, purpose: str = "events") -> MongoAggregateRecorder:
        """A recorder of flat events, in a collection named after the purpose."""
        return MongoAggregateRecorder(self._handles(purpose), create=self._creates)

    def application_recorder(self) -> MongoApplicationRecorder:
        """The recorder of the application's sequence."""
        return MongoApplicationRecorder(
            self._handles(), create=self._creates, deadline_s=self._deadline_s
        )

    def tracking_recorder(
        self, tracking_recorder_class: type[MongoTrackingRecorder] | None = None
    ) -> MongoTrackingRecorder:
        """A tracking recorder of the given class, or of ``TRACKING_RECORDER_TOPIC``."""
        topic = self.env.get(self.TRACKING_RECORDER_TOPIC)
        if tracking_recorder_class is None:
            tracking_recorder_class = resolve_topic(topic) if topic else MongoTrackingRecorder
        return tracking_recorder_class(self._handles("tracking"), deadline_s=self._deadline_s)

    def process_recorder(self) -> MongoProcessRecorder:
        """The recorder of the application's sequence and of the positions it follows."""
        return MongoProcessRecorder(
            self._handles(),
            self._handles("tracking"),
            create=self._creates,
            deadline_s=self._deadline_s,
        )

    def close(self) -> None:
        """Close the client if it was made here."""
        if self._owned is not None:
            self._owned.close()

    @property
    def _creates(self) -> bool:
        return strtobool(self.env.get(self.CREATE_TABLE, "yes"))

    def _handles(self, purpose: str = "") -> Handles:
        if self._database is None:
            raise RuntimeError("The factory has no database.")
        name = f"{self._collection}_{purpose}" if purpose else self._collection
        return handles(self._database, name)

    def _required(self, name: str) -> str:
        value = self.env.get(name)
        if not value:
            raise OSError(f"{name} is not set.")
        return value
