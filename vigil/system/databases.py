"""A connection to every role's database: on a server of one's own, or on a data folder's mongod."""

import asyncio
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pymongo import MongoClient

from chassis.store.client import connect
from chassis.store.documents import Document
from vigil.embedded.data_folder import DataFolder
from vigil.embedded.errors import DataFolderInUse, EmbeddedError
from vigil.embedded.mongod import REPLICA_SET, EmbeddedMongod
from vigil.system.roles import database_of
from vigil.system.secrets import mongo_users

_PREFIX = database_of("")
_SOCKET_TIMEOUT_S = 60.0
"""Longer than a service's: one batch of a large collection, on a busy disk."""


@dataclass(frozen=True)
class Server:
    """A server of one's own, and who may read and write all databases there."""

    url: str
    user: str | None
    password: str | None


@contextmanager
def on_server(server: Server) -> Iterator[MongoClient[Document]]:
    """A client of a server of one's own."""
    login = {"username": server.user, "password": server.password, "authSource": "admin"}
    with _connect(server.url, **(login if server.user else {})) as client:
        yield client


@contextmanager
def in_folder(data: Path, *, running: bool) -> Iterator[MongoClient[Document]]:
    """A client of the data folder's mongod, which is started for it unless it runs already.

    ``running`` says whether it may run, and must have run before. Raises EmbeddedError if that is
    not so, or it can't be started.
    """
    if running and not (data / "mongod").is_dir():
        raise EmbeddedError(
            f"The data folder {data} has no mongod: name another with --data, or your server with "
            "--mongodb-url."
        )
    folder = DataFolder(data)
    try:
        folder.lock(patience=0.5)
    except DataFolderInUse:
        if not running:
            raise
        with _connect(_url(data), **_root(data)) as client:
            yield client
        return
    mongod = EmbeddedMongod(folder, mongo_users(folder))
    try:
        asyncio.run(mongod.start())
        with _connect(mongod.url, **_root(data)) as client:
            yield client
    finally:
        asyncio.run(mongod.stop())
        folder.unlock()


def role_databases(client: MongoClient[Document]) -> list[str]:
    """The databases of roles that are there."""
    return sorted(name for name in client.list_database_names() if name.startswith(_PREFIX))


def _connect(url: str, **login: str | None) -> MongoClient[Document]:
    return connect(url, socket_timeout_s=_SOCKET_TIMEOUT_S, **login)


def _url(data: Path) -> str:
    port = json.loads((data / "ports.json").read_bytes())["mongod"]
    return f"mongodb://127.0.0.1:{port}/?replicaSet={REPLICA_SET}"


def _root(data: Path) -> dict[str, str | None]:
    password = (data / "secrets" / "mongod" / "root-password").read_text()
    return {"username": "root", "password": password, "authSource": "admin"}
