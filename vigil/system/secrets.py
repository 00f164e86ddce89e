"""Make, once, every secret of a data folder, and the trust file that names who may say what."""

import json
from base64 import b64encode
from pathlib import Path
from secrets import token_bytes, token_urlsafe

from chassis.auth import new_key_pair, public_of
from chassis.bus.permissions import PROVISIONER, permissions
from contracts.registry import OPERATOR, REGISTRY
from vigil.embedded.data_folder import DataFolder
from vigil.embedded.mongo_set_up import MongoUser
from vigil.embedded.nats_server import NatsUser
from vigil.embedded.private_files import write_private
from vigil.system.roles import ROLES, database_of

USERS = "users"
"""The issuer of users' tokens; its key is directory's alone."""

NATS_USERS = (*(role.name for role in ROLES), OPERATOR, PROVISIONER)


def nats_users(folder: DataFolder) -> list[NatsUser]:
    """A NATS user for each role, the command line and the provisioner."""
    users = []
    for name in NATS_USERS:
        allowed = permissions(REGISTRY, name)
        password = _password(folder, name, "nats_password")
        users.append(NatsUser(name, password, allowed.publish, allowed.subscribe))
    return users


def mongo_users(folder: DataFolder) -> list[MongoUser]:
    """A MongoDB user for each role that has a database, and that database alone."""
    return [
        MongoUser(
            role.name, _password(folder, role.name, "mongodb_password"), [database_of(role.name)]
        )
        for role in ROLES
        if role.database
    ]


def trust_file(folder: DataFolder) -> Path:
    """Make the signing keys and write the public halves; returns the file's path."""
    trust = {
        name: {
            "public_pem": public_of(folder.secret(name, "role_key", _private_key)).decode(),
            "speaks_for": "itself",
        }
        for name in (*(role.name for role in ROLES), OPERATOR, PROVISIONER)
    }
    users_key = folder.secret("directory", "users_key", _private_key)
    trust[USERS] = {"public_pem": public_of(users_key).decode(), "speaks_for": "users"}
    folder.secret("directory", "master_key", lambda: b64encode(token_bytes(32)))
    path = folder.path / "trust.json"
    write_private(path, json.dumps(trust, indent=2).encode())
    return path


def secrets_dir(folder: DataFolder, role: str) -> Path:
    """The folder that holds one role's secret files."""
    return folder.secret_path(role, "role_key").parent


def nats_password(folder: DataFolder, role: str) -> str:
    """The password of a NATS user."""
    return _password(folder, role, "nats_password")


def _password(folder: DataFolder, role: str, name: str) -> str:
    return folder.secret(role, name, lambda: token_urlsafe(32).encode()).decode()


def _private_key() -> bytes:
    return new_key_pair()[0]
