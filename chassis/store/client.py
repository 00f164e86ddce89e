"""The one MongoDB client a process needs for its stores."""

from typing import Any

from pymongo import MongoClient

from chassis.store.documents import Document


def connect(url: str, *, socket_timeout_s: float = 10.0, **options: Any) -> MongoClient[Document]:
    """A client whose every operation ends.

    PyMongo bounds no read of a socket by itself, so a frozen primary would hold a writer for ever.
    """
    settings: dict[str, Any] = {
        "socketTimeoutMS": int(socket_timeout_s * 1000),
        "connectTimeoutMS": 5000,
        "serverSelectionTimeoutMS": 5000,
        "retryWrites": True,
        "uuidRepresentation": "standard",
        "tz_aware": True,
    }
    return MongoClient(url, **(settings | options))


def require_bounded(client: MongoClient[Document]) -> None:
    """Raise ValueError unless the client's sockets have a timeout and it retries writes."""
    if client.options.pool_options.socket_timeout is None:
        raise ValueError("The client needs socketTimeoutMS: a frozen primary would hang the store.")
    if not client.options.retry_writes:
        raise ValueError("The client needs retryWrites.")
