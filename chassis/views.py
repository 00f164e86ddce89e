"""The reading side: PyMongo's asynchronous client for views and ledgers."""

from typing import Any

from pymongo import AsyncMongoClient


def connect_views(url: str, user: str, password: str) -> AsyncMongoClient[dict[str, Any]]:
    """A client as a role's own MongoDB user, with every wait bounded.

    It connects at first use; operations raise PyMongoError while the server is away.
    """
    return AsyncMongoClient(
        url,
        username=user,
        password=password,
        authSource="admin",
        socketTimeoutMS=10_000,
        connectTimeoutMS=5_000,
        serverSelectionTimeoutMS=5_000,
        retryWrites=True,
        uuidRepresentation="standard",
        w="majority",
        journal=True,
        maxPoolSize=32,
    )
