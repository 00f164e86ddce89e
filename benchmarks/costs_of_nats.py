"""What authentication and fsync cost on NATS: the same publish on three servers of our own."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from secrets import token_bytes
from uuid import uuid4

import nats
from progress import say
from rounds import Compared, add, compared, wall_us

from chassis.auth import Signer, Verifier
from chassis.bus.bus import Bus, connect
from chassis.bus.provision import provision
from contracts.capture.v1.capture_pb2 import ActivityBatch
from contracts.registry import REGISTRY
from vigil.embedded.data_folder import DataFolder
from vigil.embedded.nats_server import EmbeddedNats
from vigil.system.provision import provision_server
from vigil.system.secrets import nats_password, nats_users, trust_file

SEALED_BYTES = 33_000
"""A sealed batch of 100 activities of 200 bytes of text."""
TIMES = 100
AT_ONCE = 16


class Variant(EmbeddedNats):
    """A server that knows nobody (``is_open``), or that syncs before it acknowledges."""

    is_open = False
    syncs = False

    def _configuration(self) -> dict[str, object]:
        configuration = super()._configuration()
        if self.is_open:
            del configuration["authorization"]
        if self.syncs:
            store = configuration["jetstream"]
            configuration["jetstream"] = {**store, "sync_interval": "always"}  # type: ignore[dict-item]  # a mapping
        return configuration


class Open(Variant):
    """Everybody may do everything."""

    is_open = True


class Syncing(Variant):
    """With users, and ``sync_interval: always``."""

    syncs = True


async def _bus(stack: AsyncExitStack, folder: Path, kind: type[Variant]) -> Bus:
    data = DataFolder(folder)
    data.lock()
    stack.callback(data.unlock)
    trust = trust_file(data)
    server = kind(data, nats_users(data))
    await server.start()
    stack.push_async_callback(server.stop)
    if kind.is_open:
        client = await nats.connect(server.url)
        await provision(client.jetstream(timeout=30), REGISTRY)
        await client.close()
    else:
        await provision_server(server.url, nats_password(data, "provisioner"))
    bus = await connect(
        url=server.url,
        user="capture",
        password=nats_password(data, "capture"),
        registry=REGISTRY,
        signer=Signer("capture", data.secret_path("capture", "role_key").read_bytes()),
        verifier=Verifier.from_file(trust),
    )
    stack.push_async_callback(bus.close)
    return bus


def _publish(bus: Bus, at_once: int) -> Callable[[], Awaitable[object]]:
    sealed = token_bytes(SEALED_BYTES)

    async def one() -> None:
        batch = ActivityBatch(device_id="device-1", batch_id=uuid4().hex, count=100, sealed=sealed)
        await bus.publish(
            batch, tenant="school-1", message_id=batch.batch_id, ttl_s=86_400, device="device-1"
        )

    async def together() -> None:
        await asyncio.gather(*(one() for _ in range(at_once)))

    return one if at_once == 1 else together


async def measure(folder: Path, rounds: int) -> list[Compared]:
    """Microseconds of an awaited publish, alone and with others in flight."""
    say(f"costs of NATS: three servers, {rounds} rounds")
    kinds: dict[str, type[Variant]] = {"users": Variant, "open": Open, "syncing": Syncing}
    alone: dict[str, list[float]] = {}
    together: dict[str, list[float]] = {}
    async with AsyncExitStack() as stack:
        buses = {n: await _bus(stack, folder / f"nats-{n}", kind) for n, kind in kinds.items()}
        one = {name: _publish(bus, 1) for name, bus in buses.items()}
        many = {name: _publish(bus, AT_ONCE) for name, bus in buses.items()}
        await wall_us(one, times=TIMES)
        for _ in range(rounds):
            add(alone, await wall_us(one, times=TIMES))
            add(together, await wall_us(many, times=TIMES // AT_ONCE))
    shared = {name: [spent / AT_ONCE for spent in all_] for name, all_ in together.items()}
    return [
        compared("users and permissions / open server, one in flight", alone, "users", "open"),
        compared(
            f"users and permissions / open server, {AT_ONCE} in flight", shared, "users", "open"
        ),
        compared("sync_interval always / default, one in flight", alone, "syncing", "users"),
        compared(
            f"sync_interval always / default, {AT_ONCE} in flight", shared, "syncing", "users"
        ),
    ]
