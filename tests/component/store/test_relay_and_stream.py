"""A relay on a real stream that loses messages, and a consumer that notices."""

import asyncio
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import nats
import pytest
from nats.js.client import JetStreamContext

sys.path.insert(0, str(Path(__file__).parents[2] / "conformance"))

from counters import Counter, Counters

from chassis.bus.bus import Bus
from chassis.bus.fence import Fence, Verdict
from chassis.store.application import ShardedStore
from chassis.store.client import connect
from chassis.store.commands import CommandRunner
from chassis.store.relay import Publication, Relay
from chassis.store.to_bus import BusStream, to_bus
from contracts.incidents.v1.events_pb2 import IncidentNoted

BusAs = Callable[[str], Awaitable[Bus]]
AGAIN = "again"


@pytest.fixture
def runner() -> Iterator[CommandRunner]:
    pool = CommandRunner(4)
    yield pool
    pool.close()


@pytest.fixture
async def js(system: Any) -> AsyncIterator[JetStreamContext]:
    """As the provisioner, who may delete: what a fault does."""
    nc = await nats.connect(
        system.nats.url,
        user="provisioner",
        password=(system.secrets_dir("provisioner") / "nats_password").read_text(),
        inbox_prefix=b"_INBOX.provisioner",
    )
    yield nc.jetstream()
    await nc.close()


class World:
    """A store whose events are published as notes, and the stream as it is."""

    def __init__(
        self, system: Any, bus: Bus, js: JetStreamContext, school: str, runner: CommandRunner
    ) -> None:
        self.system = system
        self.school, self.bus, self.js, self.runner = school, bus, js, runner
        password = (system.secrets_dir("incidents") / "mongodb_password").read_text()
        self.client = connect(
            system.mongod.url, username="incidents", password=password, authSource="admin"
        )
        self.database = self.client["vigil_incidents"]
        for name in self.database.list_collection_names():
            self.database.drop_collection(name)
        self.store = ShardedStore(self.client, "vigil_incidents", Counters)

    def publisher(self, event: Any, position: int) -> Publication | None:
        """Raises of an even amount are private."""
        if getattr(event, "by", 1) % 2 == 0:
            return None
        return Publication(
            subject=f"incidents.{self.school}.{event.originator_id}",
            wire_name="incidents.IncidentNoted.v1",
            payload=IncidentNoted(at_ms=position).SerializeToString(),
            message_id=f"{event.originator_id}:{event.originator_version}",
            tenant_id=self.school,
        )

    def relay(self) -> Relay:
        return Relay(
            *(self.store, self.publisher, to_bus(self.bus), self.runner, self.database, "notes"),
            BusStream(self.bus),
        )

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Relay]:
        relay, stop = self.relay(), asyncio.Event()
        task = asyncio.create_task(relay.run(stop))
        try:
            yield relay
        finally:
            stop.set()
            await task

    async def stored(self) -> list[tuple[int, str, str, str]]:
        """Sequence, position, previous and id of each message, in the stream's order."""
        found = []
        info = await self.js.stream_info("INCIDENTS")
        for sequence in range(info.state.first_seq, info.state.last_seq + 1):
            try:
                message = await self.js.get_msg("INCIDENTS", sequence)
            except nats.js.errors.NotFoundError:
                continue
            h = message.headers or {}
            if h.get("Vigil-School") == self.school:
                wanted = ("Vigil-Position", "Vigil-Previous", "Nats-Msg-Id")
                found.append((sequence, *(h[name] for name in wanted)))
        return found  # type: ignore[return-value]

    async def lose(self, *positions: str) -> None:
        for sequence, position, *_ in await self.stored():
            if position in positions:
                await self.js.delete_msg("INCIDENTS", sequence)
        await self.forget()

    async def forget(self) -> None:
        """A server that starts knows the ids of what it holds, and no others."""
        await self.system.nats.restart()
        async with asyncio.timeout(10):
            while not await self.answers():  # noqa: ASYNC110 - reconnects by itself
                await asyncio.sleep(0.05)

    async def answers(self) -> bool:
        try:
            await self.js.stream_info("INCIDENTS")
            await self.bus.nc.flush(1)
        except (nats.errors.Error, TimeoutError, OSError):
            return False
        return True


@pytest.fixture
async def world(
    system: Any, bus_as: BusAs, js: JetStreamContext, school: str, runner: CommandRunner
) -> AsyncIterator[World]:
    made = World(system, await bus_as("incidents"), js, school, runner)
    yield made
    await js.purge_stream("INCIDENTS")
    made.client.close()


async def until_published(relay: Relay, shard: int, position: int) -> None:
    async with asyncio.timeout(10):
        while relay.position(shard) < position:  # noqa: ASYNC110 - told by another thread
            await asyncio.sleep(0.02)


def write(store: ShardedStore[Counters], shard: int, *amounts: int) -> int:
    counter = Counter.open(uuid4())
    for by in amounts:
        counter.raise_by(by)
    return store.shard(shard).save(counter)[-1].notification.id


async def test_what_the_stream_lost_is_published_again_at_the_start(world: World) -> None:
    write(world.store, 3, 1, 2, 1)  # 1 2 - 4
    write(world.store, 3, 1)  # 5 6
    last = write(world.store, 3, 2, 1, 2)  # 7 - 9 -
    other = write(world.store, 4, 1)
    async with world.running() as relay:
        await until_published(relay, 3, last)
        await until_published(relay, 4, other)
    before = await world.stored()
    assert [m[1] for m in before if m[1][0] == "3"] == [f"3:{n}" for n in (1, 2, 4, 5, 6, 7, 9)]
    await world.lose("3:6", "3:7", "3:9")
    async with world.running() as relay:
        await until_published(relay, 3, last)
        await until_published(relay, 4, other)
        # And what is new follows.
        new = await world.runner.run(write, world.store, 3, 1)
        relay.notify(3, new)
        await until_published(relay, 3, new)
    after = await world.stored()
    again = {m[1:] for m in before if m[1] in ("3:6", "3:7", "3:9")}
    assert [m[1] for m in after[-5:]] == ["3:6", "3:7", "3:9", "3:11", "3:12"]
    assert {m[1:] for m in after[-5:-2]} == again
    assert after[-2][2] == "9"
    assert len(after) == len(before) + 2


async def test_nothing_is_published_twice_where_nothing_was_lost(world: World) -> None:
    last = write(world.store, 3, 1, 2, 1)
    for _ in range(2):
        async with world.running() as relay:
            await until_published(relay, 3, last)
    assert [m[1] for m in await world.stored()] == ["3:1", "3:2", "3:4"]
    assert world.bus.refused == []


async def test_an_empty_stream_is_filled_from_the_store(world: World) -> None:
    last = write(world.store, 3, *[1] * 450)
    async with world.running() as relay:
        await until_published(relay, 3, last)
    await world.js.purge_stream("INCIDENTS")
    await world.forget()
    async with world.running() as relay:
        await until_published(relay, 3, last)
    stored = await world.stored()
    assert [m[1] for m in stored] == [f"3:{n}" for n in range(1, 452)]


async def test_what_a_stream_let_go_by_age_is_no_loss(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    last = write(world.store, 3, 1, 1)
    async with world.running() as relay:
        await until_published(relay, 3, last)
    await world.js.purge_stream("INCIDENTS")
    # The events happened on the first day of 2026.
    age = (datetime.now(UTC) - datetime(2026, 1, 1, tzinfo=UTC)).total_seconds()
    monkeypatch.setattr(BusStream, "kept_s", lambda *_: age)
    async with world.running() as relay:
        await until_published(relay, 3, last)
    assert await world.stored() == []


class Reader:
    """A consumer that needs every message in order."""

    def __init__(self, relay: Relay) -> None:
        self.reached = 0
        self.taken: list[int] = []
        self.fence = Fence(self.ask)
        self.asked: list[tuple[str, int, int]] = []
        self.relay = relay

    async def ask(self, stream: str, shard: int, from_number: int) -> None:
        self.asked.append((stream, shard, from_number))
        await self.relay.republish(shard, from_number, again=f"{AGAIN}-{len(self.asked)}")

    async def read(self, messages: list[tuple[int, str, str, str]]) -> None:
        for _, position, previous, _ in messages:
            number = int(position.partition(":")[2])
            verdict = await self.fence.judge("INCIDENTS", 3, self.reached, number, int(previous))
            if verdict is Verdict.NEW:
                self.taken.append(number)
                self.reached = number


async def test_a_consumer_that_sees_a_gap_has_it_published_again(world: World) -> None:
    last = write(world.store, 3, 1, 2, 1, 1, 1, 1)  # 1 2 - 4 5 6 7
    async with world.running() as relay:
        await until_published(relay, 3, last)
        await world.lose("3:4", "3:5")
        reader, read = Reader(relay), 0
        for _ in range(3):
            messages = await world.stored()
            await reader.read(messages[read:])
            read = len(messages)
    assert reader.taken == [1, 2, 4, 5, 6, 7]
    assert reader.asked == [("INCIDENTS", 3, 3)]


async def test_republishing_keeps_ids_and_headers(world: World) -> None:
    last = write(world.store, 3, 1, 2, 1, 1)  # 1 2 - 4 5
    async with world.running() as relay:
        await until_published(relay, 3, last)
        before = await world.stored()
        # Within two minutes JetStream knows them all.
        assert await relay.republish(3, 2) == 3
        assert await world.stored() == before
        await world.lose("3:4")
        assert await relay.republish(3, 3) == 2
        assert [m[1:] for m in (await world.stored())[3:]] == [before[2][1:]]
        assert await relay.republish(3, 4, again=AGAIN) == 2
    assert [m[1:3] for m in (await world.stored())[-2:]] == [("3:4", "2"), ("3:5", "4")]
