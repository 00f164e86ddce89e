"""The directory's table of contents: the only place where its parts meet."""

import asyncio
from typing import Any

from pymongo import AsyncMongoClient

from chassis.auth import Signer
from chassis.bus.bus import Bus
from chassis.sealing import SealKey
from chassis.service import Parts
from chassis.store.application import ShardedStore
from chassis.store.client import connect
from chassis.store.commands import CommandRunner
from chassis.store.projections import Projection, ProjectionRunner
from chassis.store.relay import Relay
from chassis.store.to_bus import BusStream, to_bus
from services.directory.adapters.indexes import create_indexes
from services.directory.adapters.key_vault import KeyVault
from services.directory.adapters.publisher import publication_of
from services.directory.adapters.school_places import SchoolPlaces
from services.directory.adapters.school_secrets import SchoolSecrets
from services.directory.adapters.views import MongoViews
from services.directory.application.contact_of import ContactOf
from services.directory.application.create_school import CreateSchool
from services.directory.application.directory import Directory, Stores
from services.directory.application.enrol_device import EnrolDevice
from services.directory.application.get_me import GetMe
from services.directory.application.import_people import ImportPeople
from services.directory.application.key_by_id import KeyById
from services.directory.application.key_for_identity import KeyForIdentity
from services.directory.application.mint_token import MintToken
from services.directory.application.name_of import NameOf
from services.directory.application.put_user import PutUser
from services.directory.application.use_cases import UseCases
from services.directory.application.user_by_login import UserByLogin
from services.directory.entrypoints.answers import answers
from services.directory.projections.devices import Devices
from services.directory.projections.people import People
from services.directory.projections.school_list import SchoolList
from services.directory.projections.users_by_role import UsersByRole
from services.directory.settings import Settings

ROLE = "directory"
USERS = "users"
"""The issuer of users' tokens, as the trust file names it."""


async def bootstrap(settings: Settings, bus: Bus) -> Parts:
    """Connect, build and wire. PyMongoError when the database stays away."""
    login: dict[str, Any] = {
        "username": ROLE,
        "password": settings.mongodb_password.get_secret_value(),
        "authSource": "admin",
    }
    client = connect(settings.mongodb_url, **login)
    reader: AsyncMongoClient[dict[str, object]] = AsyncMongoClient(
        settings.mongodb_url, serverSelectionTimeoutMS=5000, socketTimeoutMS=10_000, **login
    )
    database = client[settings.mongodb_database]
    commands = CommandRunner()
    await commands.run(create_indexes, database)

    store = ShardedStore(client, settings.mongodb_database, Directory)
    views: tuple[Projection, ...] = (SchoolList(), People(), Devices(), UsersByRole())
    projections = {view.name: ProjectionRunner(store, view, commands, database) for view in views}
    relay = Relay(store, publication_of, to_bus(bus), commands, database, ROLE, BusStream(bus))

    def saved(shard: int, position: int) -> None:
        relay.notify(shard, position)
        for runner in projections.values():
            runner.notify(shard, position)

    master = SealKey("master", ROLE, settings.master_key_bytes)
    vault, secrets = KeyVault(database, master), SchoolSecrets(database, master)
    places = SchoolPlaces(database)
    stores = Stores(store, places, saved)
    key_by_id = KeyById(vault)
    key_for_identity = KeyForIdentity(stores, vault, secrets)
    contact_of = ContactOf(stores, key_by_id)
    signer = Signer(USERS, settings.users_key.get_secret_value().encode())
    use_cases = UseCases(
        commands=commands,
        views=MongoViews(reader[settings.mongodb_database], projections, store, places, commands),
        create_school=CreateSchool(stores, places, secrets),
        import_people=ImportPeople(stores, vault, secrets),
        put_user=PutUser(stores, key_for_identity),
        user_by_login=UserByLogin(stores, secrets),
        mint_token=MintToken(stores, signer),
        enrol_device=EnrolDevice(stores),
        key_for_identity=key_for_identity,
        key_by_id=key_by_id,
        contact_of=contact_of,
        name_of=NameOf(stores, key_by_id),
        get_me=GetMe(stores, contact_of),
    )
    return Parts(
        answers=answers(use_cases),
        tasks=[
            ("relay", relay.run),
            *((f"projection {name}", runner.run) for name, runner in projections.items()),
        ],
        ready={
            "relay": lambda: relay.healthy,
            "projections": lambda: all(runner.healthy for runner in projections.values()),
        },
        closing=[
            lambda: asyncio.to_thread(commands.close),
            reader.close,
            lambda: asyncio.to_thread(client.close),
        ],
    )
