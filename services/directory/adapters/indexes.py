"""The indexes that the views' queries need."""

from pymongo import ASCENDING
from pymongo.database import Database

from chassis.store.documents import Document
from services.directory.projections import devices, people, school_list, users_by_role


def create_indexes(database: Database[Document]) -> None:
    """Create those that are missing. Blocking."""
    for collection, fields in (
        (school_list.COLLECTION, ("tenant", "slug")),
        (people.COLLECTION, ("tenant", "provisional", "active")),
        (devices.COLLECTION, ("tenant", "active")),
        (users_by_role.COLLECTION, ("tenant", "role", "since")),
    ):
        database[collection].create_index([(field, ASCENDING) for field in fields])
