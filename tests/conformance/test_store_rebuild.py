"""Rebuilding a view: beside the live one, while commands run, exchanged in one step."""

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from counters import Counter, Counters
from pymongo import InsertOne, MongoClient, UpdateOne
from pymongo.errors import OperationFailure

from chassis.store.application import ShardedStore
from chassis.store.batches import PoisonedEventError
from chassis.store.commands import CommandRunner
from chassis.store.errors import HeldError, RebuildError, is_away
from chassis.store.hold import Hold
from chassis.store.projections import ProjectionRunner
from chassis.store.rebuild import Progress, Rebuilt, rebuild
from chassis.store.shadow import Shadow

Client = MongoClient[dict[str, Any]]


class Sums:
    """Two collections: a row a counter, and a row a shard's busiest moment."""

    name = "sums"
    topics: Sequence[str] | None = None

    def handle(self, rows: Any, events: list[tuple[int, Any]], session: Any) -> None:
        sums, big = [], []
        for position, event in events:
            change = {"$inc": {"sum": self.worth(event)}, "$push": {"positions": position}}
            sums.append(UpdateOne({"_id": str(event.originator_id)}, change, upsert=True))
            if getattr(event, "by", 0) > 8:
                big.append(InsertOne({"_id": f"{event.originator_id}:{position}"}))
        rows["sums"].bulk_write(sums, session=session)
        if big:
            rows["big"].bulk_write(big, session=session)

    def worth(self, event: Any) -> int:
        return int(getattr(event, "by", 0))


class Doubled(Sums):
    def worth(self, event: Any) -> int:
        return 2 * super().worth(event)


class Refusing(Sums):
    def worth(self, event: Any) -> int:
        if getattr(event, "by", 0) == 7:
            raise ValueError
        return super().worth(event)


COLLECTIONS = ("sums", "big")


@pytest.fixture
def runner() -> Iterator[CommandRunner]:
    pool = CommandRunner(8)
    yield pool
    pool.close()


@asynccontextmanager
async def live(
    store: ShardedStore[Counters], runner: CommandRunner, database: Any
) -> AsyncIterator[ProjectionRunner]:
    projections, stop = ProjectionRunner(store, Sums(), runner, database), asyncio.Event()
    task = asyncio.create_task(projections.run(stop))
    try:
        yield projections
    finally:
        stop.set()
        await task


async def fill(store: ShardedStore[Counters], live: ProjectionRunner, raises: int) -> None:
    for shard in (0, 9):
        for _ in range(6):
            position = await asyncio.to_thread(store.shard(shard).open, uuid4(), raises)
        await live.wait(shard, position, 20)


def rows(client: Client, database: str) -> dict[str, Any]:
    return {name: list(client[database][name].find(sort=[("_id", 1)])) for name in COLLECTIONS}


def stored(store: ShardedStore[Counters]) -> int:
    return sum(store.shard(shard).recorder.max_notification_id() or 0 for shard in (0, 9))


def leftovers(client: Client, database: str) -> list[str]:
    held = [d["_id"] for d in client[database]["projections_positions"].find({"h": {"$ne": None}})]
    own = client[database]["projections_positions"].find({"_id": {"$regex": "__rebuild"}})
    names = client[database].list_collection_names(filter={"name": {"$regex": "__rebuild"}})
    return [*held, *(d["_id"] for d in own), *names]


class Commands:
    """Writers and a reader that go on while a view is rebuilt."""

    def __init__(self, store: ShardedStore[Counters], database: Any) -> None:
        self.store, self.database = store, database
        self.written = self.looked = self.interrupted = 0
        self.half_built: list[tuple[int, int]] = []
        self.stop = threading.Event()

    def write(self, number: int) -> None:
        shard = self.store.shard(number % 2 * 9)
        while not self.stop.is_set():
            counter = uuid4()
            shard.open(counter)
            for by in range(20):
                shard.raise_by(counter, by)
                self.written += 1
                time.sleep(0.005)

    def read(self) -> None:
        most = 0
        while not self.stop.is_set():
            try:
                positions = sum(len(row["positions"]) for row in self.database["sums"].find())
            except OperationFailure as error:
                # The rows were exchanged between two batches of the cursor: asked again.
                if not is_away(error):
                    raise
                self.interrupted += 1
                continue
            if positions < most:
                self.half_built.append((most, positions))
            most = max(most, positions)
            self.looked += 1
            time.sleep(0.02)

    async def during(self, work: Any) -> Any:
        tasks = [asyncio.create_task(asyncio.to_thread(self.write, n)) for n in range(4)]
        tasks.append(asyncio.create_task(asyncio.to_thread(self.read)))
        try:
            return await work
        finally:
            self.stop.set()
            await asyncio.gather(*tasks)


async def test_rebuilt_while_commands_run_equals_the_live_view(
    mongo: Client, database: str, runner: CommandRunner
) -> None:
    store = ShardedStore(mongo, database, Counters)
    mongo[database]["sums"].create_index("sum", name="by_sum")
    seen: list[Progress] = []
    async with live(store, runner, mongo[database]) as projections:
        await fill(store, projections, 250)
        before = stored(store)
        commands = Commands(store, mongo[database])

        def work() -> Rebuilt:
            return rebuild(store, Sums(), mongo[database], COLLECTIONS, progress=seen.append)

        done = await commands.during(asyncio.to_thread(work))
        for shard in (0, 9):
            position = await asyncio.to_thread(store.shard(shard).open, uuid4(), 1)
            await projections.wait(shard, position, 20)
        assert projections.healthy
    assert before < stored(store)
    assert commands.written > 20
    assert commands.interrupted <= 1
    assert commands.looked > 5
    assert commands.half_built == []
    assert done.compared is not None
    assert done.compared >= 12
    assert done.events >= 12 * 251
    assert seen[-1].done == done.events
    assert leftovers(mongo, database) == []
    assert "by_sum" in mongo[database]["sums"].index_information()
    # And once more, with nobody writing: what stands there is what the events say.
    after = rows(mongo, database)
    again = await asyncio.to_thread(rebuild, store, Sums(), mongo[database], COLLECTIONS)
    assert again.compared == sum(map(len, after.values()))
    assert rows(mongo, database) == after
    positions = [p for row in after["sums"] for p in row["positions"]]
    assert len(positions) == stored(store) == again.events


async def test_a_view_that_differs_is_left_or_replaced_as_asked(
    mongo: Client, database: str, runner: CommandRunner
) -> None:
    store = ShardedStore(mongo, database, Counters)
    async with live(store, runner, mongo[database]) as projections:
        await fill(store, projections, 20)
        sound = rows(mongo, database)
        mongo[database]["sums"].update_one({}, {"$inc": {"sum": 1}})
        damaged = rows(mongo, database)
        with pytest.raises(RebuildError, match="1 rows differ"):
            await asyncio.to_thread(rebuild, store, Sums(), mongo[database], COLLECTIONS)
        assert rows(mongo, database) == damaged
        assert leftovers(mongo, database) == []

        def replace(projection: Sums) -> Rebuilt:
            return rebuild(store, projection, mongo[database], COLLECTIONS, compare=False)

        assert (await asyncio.to_thread(replace, Sums())).compared is None
        assert rows(mongo, database) == sound
        await asyncio.to_thread(replace, Doubled())
        assert rows(mongo, database)["sums"][0]["sum"] == 2 * sound["sums"][0]["sum"]
        position = await asyncio.to_thread(store.shard(0).open, uuid4(), 1)
        await projections.wait(0, position, 5)


async def test_an_event_that_cannot_be_handled_leaves_the_live_view(
    mongo: Client, database: str, runner: CommandRunner
) -> None:
    store = ShardedStore(mongo, database, Counters)
    async with live(store, runner, mongo[database]) as projections:
        await fill(store, projections, 5)
        position = store.shard(0).raise_by(next(iter(ids(store))), 7)
        await projections.wait(0, position, 5)
        before = rows(mongo, database)
        with pytest.raises(PoisonedEventError, match=rf"{Counter.Raised.TOPIC} at {position}"):
            await asyncio.to_thread(rebuild, store, Refusing(), mongo[database], COLLECTIONS)
        with pytest.raises(PoisonedEventError, match="RebuildError"):
            await asyncio.to_thread(rebuild, store, Sums(), mongo[database], ("big",))
    assert rows(mongo, database) == before
    assert leftovers(mongo, database) == []


def ids(store: ShardedStore[Counters]) -> list[UUID]:
    return [n.originator_id for n in store.shard(0).recorder.select_notifications(1, 1)]  # type: ignore[misc]


async def test_a_hold_left_behind_is_ended_and_its_owner_comes_too_late(
    mongo: Client, database: str, runner: CommandRunner
) -> None:
    store, here = ShardedStore(mongo, database, Counters), mongo[database]
    hold, token = Hold(here, "sums"), "0123456789ab"
    late = Shadow(here, COLLECTIONS, token)
    async with live(store, runner, here) as projections:
        await fill(store, projections, 5)
        late.create()
        hold.take(token, late.collections)
        with pytest.raises(HeldError):
            hold.take("another", [])
        with pytest.raises(HeldError):
            await asyncio.to_thread(rebuild, store, Sums(), here, COLLECTIONS)
        position = await asyncio.to_thread(store.shard(0).open, uuid4(), 1)
        with pytest.raises(TimeoutError):
            await projections.wait(0, position, 0.5)
        # An hour passes.
        past = datetime.now(UTC) - timedelta(hours=1)
        here["projections_positions"].update_one({"_id": "sums:hold"}, {"$set": {"at": past}})
        await projections.wait(0, position, 10)
        before = rows(mongo, database)
        assert not hold.is_mine(token)
        with pytest.raises(RebuildError, match="ended by another"):
            late.put_in_place()
    assert rows(mongo, database) == before
    assert leftovers(mongo, database) == []


async def test_the_newest_of_two_rebuilds_wins(
    mongo: Client, database: str, runner: CommandRunner
) -> None:
    store, here = ShardedStore(mongo, database, Counters), mongo[database]
    began = threading.Event()
    go_on = threading.Event()

    def pause(_: Progress) -> None:
        began.set()
        go_on.wait(10)

    def first() -> Rebuilt:
        return rebuild(store, Sums(), here, COLLECTIONS, progress=pause)

    async with live(store, runner, here) as projections:
        await fill(store, projections, 150)
        older = asyncio.create_task(asyncio.to_thread(first))
        await asyncio.to_thread(began.wait, 10)
        before = rows(mongo, database)
        done = await asyncio.to_thread(rebuild, store, Sums(), here, COLLECTIONS)
        go_on.set()
        with pytest.raises(RebuildError, match="newer rebuild"):
            await older
    assert done.events == stored(store)
    assert rows(mongo, database) == before
    assert leftovers(mongo, database) == []


def test_a_cursor_that_the_exchange_ends_may_be_opened_again(mongo: Client, database: str) -> None:
    here = mongo[database]
    for name in ("rows", "new"):
        here[name].insert_many([{"_id": n} for n in range(1000)])
    cursor = here["rows"].find(batch_size=10)
    next(cursor)
    here["new"].rename("rows", dropTarget=True)
    with pytest.raises(OperationFailure) as ended:
        list(cursor)
    assert is_away(ended.value)
