"""Brings a mongod that has just started to the state in which roles may use it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pymongo import AsyncMongoClient
from pymongo.errors import ConnectionFailure, OperationFailure

from vigil.embedded.errors import EmbeddedError

_UNAUTHORIZED = 13
_AUTHENTICATION_FAILED = 18
_ALREADY_INITIALIZED = 23
_NOT_YET = frozenset({91, 94, 10107, 11600, 11602, 13435, 13436})
"""mongod's codes for "starting, stopping or not primary now" (its error_codes.yml)."""

_ROOT = "root"
_MECHANISMS = ["SCRAM-SHA-256"]

Client = AsyncMongoClient[dict[str, Any]]


class SetUpRefused(EmbeddedError):  # noqa: N818 - reads as the fact it states
    """mongod refused a step, most likely because the folder's secrets are not its own."""


@dataclass(frozen=True)
class MongoUser:
    """A user of ``admin`` who may read and write the databases listed, and no other.

    The name ``root`` is ours.
    """

    name: str
    password: str = field(repr=False)
    databases: Sequence[str]


class MongoSetUp:
    """Takes the steps in the only order that works, each safe to repeat after a crash.

    Initiate the replica set over the localhost exception, wait for the primary, create root
    (which closes the exception), then the users as root. A mongod that moved to another port is
    told so, for it keeps its address in the replica set and is never primary under another. (It
    first asks at the old address whether that is itself; a stranger there who accepts connections
    and stays silent costs 30 seconds.) Users no longer listed are dropped.

    Raises ValueError for a user named root.
    """

    def __init__(
        self, port: int, replica_set: str, root_password: str, users: Sequence[MongoUser]
    ) -> None:
        self._address = f"127.0.0.1:{port}"
        self._replica_set = replica_set
        self._root_password = root_password
        self._users = tuple(users)
        if any(user.name == _ROOT for user in self._users):
            raise ValueError("the MongoDB user root is the runner's own")

    async def step(self) -> bool:
        """Do what is to be done now; True when nothing is left. Raises SetUpRefused."""
        try:
            return await self._as_root()
        except ConnectionFailure:
            return False
        except OperationFailure as error:
            if error.code in _NOT_YET:
                return False
            if error.code != _AUTHENTICATION_FAILED:
                raise SetUpRefused(f"mongod refused its set-up: {error}") from error
        return await self._first_time()

    async def _first_time(self) -> bool:
        try:
            async with self._connect() as anybody:
                await self._initiate_or_create_root(anybody)
        except ConnectionFailure:
            pass
        except OperationFailure as error:
            if error.code == _UNAUTHORIZED:
                raise SetUpRefused(
                    "mongod does not accept the root password in secrets/mongod/root-password: "
                    "bring back the secrets that belong to this data folder."
                ) from error
            if error.code not in _NOT_YET | {_ALREADY_INITIALIZED}:
                raise SetUpRefused(f"mongod refused its set-up: {error}") from error
        return False

    async def _initiate_or_create_root(self, anybody: Client) -> None:
        if await _is_primary(anybody):
            await anybody.admin.command(
                "createUser",
                _ROOT,
                pwd=self._root_password,
                roles=["root"],
                mechanisms=_MECHANISMS,
            )
        else:
            config = {"_id": self._replica_set, "members": [{"_id": 0, "host": self._address}]}
            await anybody.admin.command("replSetInitiate", config)

    async def _as_root(self) -> bool:
        async with self._connect(_ROOT, self._root_password) as root:
            config = (await root.admin.command("replSetGetConfig"))["config"]
            member = config["members"][0]
            if member["host"] != self._address:
                member["host"] = self._address
                config["version"] += 1
                await root.admin.command("replSetReconfig", config, force=True)
                return False
            if not await _is_primary(root):
                return False
            await self._keep_users(root)
            return True

    async def _keep_users(self, root: Client) -> None:
        known = {user["user"] for user in (await root.admin.command("usersInfo"))["users"]}
        for user in self._users:
            await root.admin.command(
                "updateUser" if user.name in known else "createUser",
                user.name,
                pwd=user.password,
                roles=[{"role": "readWrite", "db": name} for name in user.databases],
                mechanisms=_MECHANISMS,
            )
        # Who is no longer listed must not keep a key to the data.
        for name in known - {user.name for user in self._users} - {_ROOT}:
            await root.admin.command("dropUser", name)

    def _connect(self, name: str | None = None, password: str | None = None) -> Client:
        return AsyncMongoClient(
            f"mongodb://{self._address}/",
            username=name,
            password=password,
            directConnection=True,
            serverSelectionTimeoutMS=500,
            connectTimeoutMS=2000,
            socketTimeoutMS=10000,
        )


async def _is_primary(client: Client) -> bool:
    hello: Mapping[str, Any] = await client.admin.command("hello")
    return bool(hello.get("isWritablePrimary"))
