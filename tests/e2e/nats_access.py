"""NATS from the inside: read every stream, and speak as any role."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

import nats
from nats.aio.client import Client
from nats.errors import TimeoutError as NatsTimeout
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy
from nats.js.client import JetStreamContext
from system_under_test import SystemUnderTest
from waiting import eventually

from chassis.auth import Signer, Verifier
from chassis.bus.bus import Bus, connect
from contracts.registry import DURABLES, REGISTRY

T = TypeVar("T")

PROVISIONER = "provisioner"


@dataclass(frozen=True)
class StoredMessage:
    """A message as it lies in a stream."""

    subject: str
    headers: dict[str, str]
    data: bytes
    sequence: int


def as_user(system: SystemUnderTest, user: str, work: Callable[[Client], Awaitable[T]]) -> T:
    """Do ``work`` on a plain connection of a NATS user. Refusals are in ``client.last_error``."""

    async def done() -> T:
        client = await nats.connect(
            system.found_at["nats"],
            user=user,
            password=system.secret(user, "nats_password"),
            inbox_prefix=f"_INBOX.{user}".encode(),
            error_cb=_ignored,
        )
        try:
            return await work(client)
        finally:
            await client.close()

    return asyncio.run(done())


def as_role(system: SystemUnderTest, role: str, work: Callable[[Bus], Awaitable[T]]) -> T:
    """Do ``work`` on a role's own bus: with its user, its rights and its signature."""

    async def done() -> T:
        bus = await connect(
            url=system.found_at["nats"],
            user=role,
            password=system.secret(role, "nats_password"),
            registry=REGISTRY,
            signer=Signer(role, system.secret(role, "role_key").encode()),
            verifier=Verifier.from_file(system.data / "trust.json"),
        )
        try:
            return await work(bus)
        finally:
            await bus.close()

    return asyncio.run(done())


def provision(system: SystemUnderTest, work: Callable[[JetStreamContext], Awaitable[T]]) -> T:
    """Do ``work`` as the one user who manages streams and consumers."""
    return as_user(system, PROVISIONER, lambda client: work(client.jetstream()))


def stored(system: SystemUnderTest, stream: str, subject: str = ">") -> list[StoredMessage]:
    """Every message of a stream, in order."""

    async def read(js: JetStreamContext) -> list[StoredMessage]:
        config = ConsumerConfig(ack_policy=AckPolicy.NONE, deliver_policy=DeliverPolicy.ALL)
        pulling = await js.pull_subscribe(subject, stream=stream, config=config)
        waiting = (await pulling.consumer_info()).num_pending or 0
        found: list[StoredMessage] = []
        while len(found) < waiting:
            try:
                page = await pulling.fetch(500, timeout=2)
            except NatsTimeout:
                break
            found += [
                StoredMessage(m.subject, m.headers or {}, m.data, m.metadata.sequence.stream)
                for m in page
            ]
        return found

    return provision(system, read)


def backlog(system: SystemUnderTest) -> dict[str, int]:
    """Messages not yet handled, by durable consumer; those with none are left out."""

    async def count(js: JetStreamContext) -> dict[str, int]:
        waiting = {}
        for durable in DURABLES:
            info = await js.consumer_info(durable.stream, durable.name)
            left = (info.num_pending or 0) + (info.num_ack_pending or 0)
            if left:
                waiting[durable.name] = left
        return waiting

    return provision(system, count)


def await_idle(system: SystemUnderTest, *, within_s: float = 60.0) -> None:
    """Return when nothing is under way: twice in a row, for one consumer feeds the next."""

    def idle() -> bool:
        return not backlog(system) and not backlog(system)

    eventually("every consumer has handled everything", idle, within_s=within_s)


async def _ignored(_: Exception) -> None:
    """Refusals are what the tests provoke."""
