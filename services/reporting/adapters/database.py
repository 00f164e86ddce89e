"""Reporting's connection to its own database."""

from typing import Any

from pymongo import AsyncMongoClient, WriteConcern
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.read_concern import ReadConcern

from chassis.views import connect_views
from services.reporting.settings import Settings

Document = dict[str, Any]


def client(settings: Settings) -> AsyncMongoClient[Document]:
    """A client as the role's own user, whose every operation ends."""
    return connect_views(
        settings.mongodb_url, "reporting", settings.mongodb_password.get_secret_value()
    )


def database(connection: AsyncMongoClient[Document], name: str) -> AsyncDatabase[Document]:
    """The database, read and written so that what was seen stays after a failover."""
    return connection.get_database(
        name,
        read_concern=ReadConcern("majority"),
        write_concern=WriteConcern(w="majority", j=True),
    )
