"""Which servers the roles use: our own in the data folder, or somebody else's."""

from collections.abc import Sequence
from dataclasses import dataclass

from vigil.embedded.data_folder import DataFolder
from vigil.embedded.managed import Managed
from vigil.embedded.mongo_set_up import MongoUser
from vigil.embedded.mongod import EmbeddedMongod
from vigil.embedded.nats_server import EmbeddedNats, NatsUser


@dataclass(frozen=True)
class Servers:
    """Addresses for the roles (without credentials when ours), and what the runner must start."""

    nats_url: str
    mongodb_url: str
    embedded: Sequence[Managed]


def choose_servers(
    folder: DataFolder,
    nats_users: Sequence[NatsUser],
    mongo_users: Sequence[MongoUser],
    *,
    external_nats: str | None = None,
    external_mongodb: str | None = None,
) -> Servers:
    """Return our own servers, except where an address of another is given.

    Pass the values of NATS_URL and MONGODB_URL. On an external server nothing is created or
    checked: its users, their passwords and their permissions are its operator's to make, as
    listed in ``nats_users`` and ``mongo_users``; MongoDB must be a replica set, NATS must have
    JetStream. The folder must be locked; nothing is started yet.
    """
    embedded: list[Managed] = []
    if external_nats is None:
        nats = EmbeddedNats(folder, nats_users)
        embedded.append(nats)
        external_nats = nats.url
    if external_mongodb is None:
        mongod = EmbeddedMongod(folder, mongo_users)
        embedded.append(mongod)
        external_mongodb = mongod.url
    return Servers(external_nats, external_mongodb, tuple(embedded))
