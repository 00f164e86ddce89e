"""One nats-server and one mongod with every role's users, rights and streams."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from pymongo import MongoClient

from chassis.auth import Signer, Verifier
from chassis.bus.answer import answer
from chassis.bus.bus import Bus, connect
from chassis.bus.consume import consume
from chassis.service import Parts
from chassis.settings import RoleSettings
from contracts.registry import REGISTRY
from vigil.embedded.data_folder import DataFolder
from vigil.embedded.mongod import EmbeddedMongod
from vigil.embedded.nats_server import EmbeddedNats
from vigil.system.provision import provision_server
from vigil.system.roles import database_of
from vigil.system.secrets import (
    USERS,
    mongo_users,
    nats_password,
    nats_users,
    secrets_dir,
    trust_file,
)


@dataclass(frozen=True)
class System:
    """The servers, and every key to them."""

    folder: DataFolder
    nats: EmbeddedNats
    mongod: EmbeddedMongod
    trust: Path

    def secrets_dir(self, role: str) -> Path:
        return secrets_dir(self.folder, role)

    def signer(self, role: str) -> Signer:
        return Signer(role, (self.secrets_dir(role) / "role_key").read_bytes())

    def verifier(self) -> Verifier:
        return Verifier.from_file(self.trust)

    def user_token(self, school: str, role: str, user: str = "u-1", ttl_s: int = 600) -> str:
        """A user's token as directory would sign it."""
        key = self.folder.secret_path("directory", "users_key").read_bytes()
        return Signer(USERS, key).sign(tenant=school, role=role, subject=user, ttl_s=ttl_s)[0]

    def environment(self, role: str) -> dict[str, str]:
        """Settings of a role against these servers; add what is its own."""
        return {
            "NATS_URL": self.nats.url,
            "SECRETS_DIR": str(self.secrets_dir(role)),
            "TRUST_FILE": str(self.trust),
            "MONGODB_URL": self.mongod.url,
            "MONGODB_DATABASE": database_of(role),
        }

    def mongo_as(self, role: str) -> "MongoClient[dict[str, object]]":
        """A client with a role's own MongoDB user; the caller closes it."""
        return MongoClient(
            self.mongod.url,
            username=role,
            password=(self.secrets_dir(role) / "mongodb_password").read_text(),
            authSource="admin",
        )


@pytest.fixture(scope="session")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    folder = DataFolder(tmp_path_factory.mktemp("system"))
    folder.lock()
    trust = trust_file(folder)
    nats = EmbeddedNats(folder, nats_users(folder))
    mongod = EmbeddedMongod(folder, mongo_users(folder))

    async def start() -> None:
        await asyncio.gather(nats.start(), mongod.start())
        await provision_server(nats.url, nats_password(folder, "provisioner"))

    async def stop() -> None:
        await asyncio.gather(nats.stop(), mongod.stop())

    asyncio.run(start())
    yield System(folder, nats, mongod, trust)
    asyncio.run(stop())
    folder.unlock()


BusAs = Callable[[str], Awaitable[Bus]]


@pytest.fixture
async def bus_as(system: System) -> AsyncIterator[BusAs]:
    """Connect as any role, so that a test can play its neighbours."""
    open_buses: list[Bus] = []

    async def as_role(role: str) -> Bus:
        bus = await connect(
            url=system.nats.url,
            user=role,
            password=nats_password(system.folder, role),
            registry=REGISTRY,
            signer=system.signer(role),
            verifier=system.verifier(),
        )
        open_buses.append(bus)
        return bus

    yield as_role
    for bus in open_buses:
        await bus.close()


RunRole = Callable[..., Awaitable[Bus]]


@pytest.fixture
async def run_role(
    system: System, bus_as: BusAs, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[RunRole]:
    """Run a role whole in this process: ``await run_role(role, bootstrap, Settings, **env)``."""
    # A consumer stops when its fetch ends.
    monkeypatch.setattr("chassis.bus.consume.FETCH_S", 0.3)
    async with AsyncExitStack() as roles:

        async def run(
            role: str,
            bootstrap: Callable[[Any, Bus], Awaitable[Parts]],
            settings: type[RoleSettings],
            **env: str,
        ) -> Bus:
            for name, value in (system.environment(role) | env).items():
                monkeypatch.setenv(name, value)
            bus = await bus_as(role)
            parts = await bootstrap(settings.load(), bus)
            await roles.enter_async_context(_running(bus, parts))
            return bus

        yield run


@asynccontextmanager
async def _running(bus: Bus, parts: Parts) -> AsyncIterator[None]:
    stop = asyncio.Event()
    async with asyncio.TaskGroup() as tasks:
        for _, task in parts.tasks:
            tasks.create_task(_awaited(task(stop)))
        async with asyncio.timeout(5):
            while not all(ready() for ready in parts.ready.values()):  # noqa: ASYNC110 - as a probe
                await asyncio.sleep(0.02)
        for durable, handlers in parts.consumers:
            tasks.create_task(consume(bus, durable, handlers, stop))
        if parts.answers:
            await answer(bus, parts.answers)
        yield
        stop.set()
    for close in parts.closing:
        await close()


async def _awaited(work: Awaitable[None]) -> None:
    await work


@pytest.fixture
def school() -> str:
    """A school of this test alone, so that tests share the servers and nothing else."""
    return str(uuid4())
