"""MongoDB from the inside: as root, and as any role."""

from collections.abc import Iterator
from typing import Any, cast

from bson.codec_options import CodecOptions
from bson.raw_bson import RawBSONDocument
from pymongo import MongoClient
from pymongo.errors import OperationFailure
from system_under_test import SystemUnderTest

from vigil.system.roles import ROLES, database_of

Client = MongoClient[dict[str, Any]]

STORING = [role.name for role in ROLES if role.database]
DATABASES = {role: database_of(role) for role in STORING}

UNAUTHORIZED = 13
_MONGODS_OWN = ("admin", "config", "local")
"""Databases with collections of mongod's own (such as its signing keys) that not even root sees."""

_RAW: CodecOptions[Any] = CodecOptions(document_class=RawBSONDocument)


def mongo_as(system: SystemUnderTest, role: str) -> Client:
    return _client(system, role, system.secret(role, "mongodb_password"))


def mongo_root(system: SystemUnderTest) -> Client:
    return _client(system, "root", system.secret("mongod", "root-password"))


def documents(client: Client) -> Iterator[tuple[str, bytes]]:
    """Every document there is as its BSON bytes, the log of all writes among them."""
    for name in client.list_database_names():
        for collection in client[name].list_collections(filter={"type": "collection"}):
            rows = client[name].get_collection(collection["name"], codec_options=_RAW)
            try:
                for row in rows.find():
                    yield f"{name}.{collection['name']}", bytes(cast("RawBSONDocument", row).raw)
            except OperationFailure as refused:
                if refused.code != UNAUTHORIZED or name not in _MONGODS_OWN:
                    raise


def _client(system: SystemUnderTest, user: str, password: str) -> Client:
    return MongoClient(
        system.found_at["mongodb"],
        username=user,
        password=password,
        authSource="admin",
        serverSelectionTimeoutMS=10_000,
    )
