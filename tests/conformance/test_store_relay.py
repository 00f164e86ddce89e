"""The relay: in order, nothing skipped, and a consumer can see a hole."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

import pytest
from counters import Counter, Counters
from pymongo import MongoClient

from chassis.store.application import ShardedStore
from chassis.store.commands import CommandRunner
from chassis.store.relay import Publication, Relay

Client = MongoClient[dict[str, Any]]


class Broker:
    """Takes messages by id like JetStream; refuses them while it is away."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, Mapping[str, str]]] = []
        self.away = False
        self.fail_after: int | None = None

    async def publish(self, publication: Publication, headers: Mapping[str, str]) -> None:
        await asyncio.sleep(0)
        if self.away or (self.fail_after is not None and len(self.sent) >= self.fail_after):
            raise ConnectionError
        self.sent.append((publication.message_id, headers))

    def positions(self) -> list[str]:
        return [headers["Vigil-Position"] for _, headers in self.sent]


def publisher(event: Any, position: int) -> Publication | None:
    """Raises of an even amount are private."""
    if getattr(event, "by", 1) == 13:
        raise ValueError("private words")
    if getattr(event, "by", 1) % 2 == 0:
        return None
    return Publication(
        subject=f"counters.{event.originator_id}",
        wire_name=type(event).TOPIC,
        payload=str(position).encode(),
        message_id=f"{event.originator_id}-{event.originator_version}",
        tenant_id="tenant-1",
        headers={"Extra": "yes"},
    )


@pytest.fixture
def runner() -> Iterator[CommandRunner]:
    pool = CommandRunner(4)
    yield pool
    pool.close()


@pytest.fixture
def store(mongo: Client, database: str) -> ShardedStore[Counters]:
    return ShardedStore(mongo, database, Counters)


@asynccontextmanager
async def running(*relays: Relay) -> AsyncIterator[None]:
    stop = asyncio.Event()
    tasks = [asyncio.create_task(each.run(stop)) for each in relays]
    try:
        yield
    finally:
        stop.set()
        await asyncio.gather(*tasks)


async def eventually(condition: Callable[[], bool], timeout_s: float = 10) -> None:
    async with asyncio.timeout(timeout_s):
        while not condition():  # noqa: ASYNC110 - the condition is in another thread
            await asyncio.sleep(0.02)


def write(store: ShardedStore[Counters], shard: int, *amounts: int) -> int:
    counter = Counter.open(uuid4())
    for by in amounts:
        counter.raise_by(by)
    return store.shard(shard).save(counter)[-1].notification.id


async def test_order_and_previous(
    store: ShardedStore[Counters], mongo: Client, database: str, runner: CommandRunner
) -> None:
    broker = Broker()
    relay = Relay(store, publisher, broker.publish, runner, mongo[database], "relay")
    write(store, 2, 1, 2, 2, 3)  # 1 2 - - 5
    async with running(relay):
        position = await runner.run(write, store, 2, 2, 1)  # 6 - 8
        relay.notify(2, position)
        await eventually(lambda: relay.position(2) == 8)
    assert broker.positions() == ["2:1", "2:2", "2:5", "2:6", "2:8"]
    assert [h["Vigil-Previous"] for _, h in broker.sent] == ["0", "1", "2", "5", "6"]
    assert all(h["Extra"] == "yes" for _, h in broker.sent)
    assert (relay.lag(), relay.healthy) == ({2: 0}, True)


async def test_restart_publishes_nothing_twice_and_keeps_previous(
    store: ShardedStore[Counters], mongo: Client, database: str, runner: CommandRunner
) -> None:
    broker = Broker()
    position = write(store, 0, 1, 2)  # 1 2 -
    for _ in range(2):
        relay = Relay(store, publisher, broker.publish, runner, mongo[database], "relay")
        async with running(relay):
            await eventually(lambda r=relay, p=position: r.position(0) == p)  # type: ignore[misc]  # bound per round
        position = write(store, 0, 1)  # 4 5
    assert broker.positions() == ["0:1", "0:2", "0:4", "0:5"]
    assert broker.sent[2][1]["Vigil-Previous"] == "2"


async def test_broker_away_then_back(
    store: ShardedStore[Counters], mongo: Client, database: str, runner: CommandRunner
) -> None:
    broker = Broker()
    broker.fail_after = 5
    relay = Relay(store, publisher, broker.publish, runner, mongo[database], "relay")
    write(store, 0, *[1] * 9)
    async with running(relay):
        await eventually(lambda: relay.position(0) == 5)
        await asyncio.sleep(0.3)
        assert relay.healthy
        broker.fail_after = None
        await eventually(lambda: relay.position(0) == 10)
    assert broker.positions() == [f"0:{n}" for n in range(1, 11)]


async def test_two_relays_are_harmless(
    store: ShardedStore[Counters], mongo: Client, database: str, runner: CommandRunner
) -> None:
    broker = Broker()
    pair = [
        Relay(store, publisher, broker.publish, runner, mongo[database], "relay") for _ in range(2)
    ]
    write(store, 0, *[1, 2] * 300)
    async with running(*pair):
        await eventually(lambda: all(each.position(0) == 601 for each in pair))
    unique: dict[str, Mapping[str, str]] = {}
    for message_id, headers in broker.sent:
        assert unique.setdefault(message_id, headers) == headers
    assert [h["Vigil-Position"] for h in unique.values()] == [
        f"0:{n}" for n in (1, *range(2, 602, 2))
    ]


async def test_poisoned_event_stops_after_what_came_before(
    store: ShardedStore[Counters],
    mongo: Client,
    database: str,
    runner: CommandRunner,
    caplog: pytest.LogCaptureFixture,
) -> None:
    broker = Broker()
    relay = Relay(store, publisher, broker.publish, runner, mongo[database], "relay")
    write(store, 0, 1, 13, 1)
    with caplog.at_level(logging.DEBUG):
        async with running(relay):
            await eventually(lambda: not relay.healthy)
    assert broker.positions() == ["0:1", "0:2"]
    assert "test.counter.raised.v1 at 3" in caplog.text
    assert "private words" not in caplog.text
