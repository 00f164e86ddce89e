"""Projections: each event once, in order, whatever else runs, fails or stops."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from counters import Counter, Counters
from pymongo import MongoClient
from pymongo.client_session import ClientSession
from pymongo.database import Database

from chassis.store.application import ShardedStore
from chassis.store.client import connect
from chassis.store.commands import CommandRunner
from chassis.store.projections import ProjectionRunner
from tests.servers import Mongod

Client = MongoClient[dict[str, Any]]


class Totals:
    """Adds instead of setting, so that an event applied twice shows."""

    name = "totals"
    topics: Sequence[str] | None = None

    def handle(
        self,
        rows: Database[dict[str, Any]],
        events: list[tuple[int, Any]],
        session: ClientSession,
    ) -> None:
        for position, event in events:
            rows["totals"].update_one(
                {"_id": str(event.originator_id)},
                {"$inc": {"events": 1}, "$push": {"positions": position}},
                upsert=True,
                session=session,
            )


class Raises(Totals):
    name = "raises"
    topics = (Counter.Raised.TOPIC,)


class Poisoned(Totals):
    name = "poisoned"

    def handle(self, rows: Any, events: Any, session: Any) -> None:
        if any(getattr(event, "by", 0) == 13 for _, event in events):
            raise ValueError("private words")
        super().handle(rows, events, session)


@pytest.fixture
def runner() -> Iterator[CommandRunner]:
    pool = CommandRunner(4)
    yield pool
    pool.close()


@asynccontextmanager
async def running(*runners: ProjectionRunner) -> AsyncIterator[None]:
    stop = asyncio.Event()
    tasks = [asyncio.create_task(each.run(stop)) for each in runners]
    try:
        yield
    finally:
        stop.set()
        await asyncio.gather(*tasks)


async def eventually(condition: Callable[[], bool], timeout_s: float = 10) -> None:
    async with asyncio.timeout(timeout_s):
        while not condition():  # noqa: ASYNC110 - the condition is in another thread
            await asyncio.sleep(0.02)


def totals(client: Client, database: str) -> dict[str, Any]:
    return {row["_id"]: row for row in client[database]["totals"].find()}


async def test_read_your_writes(mongo: Client, database: str, runner: CommandRunner) -> None:
    store = ShardedStore(mongo, database, Counters)
    projections = ProjectionRunner(store, Totals(), runner, mongo[database])
    counter_id = uuid4()
    async with running(projections):
        for shard in (0, 5):
            position = await runner.run(store.shard(shard).open, counter_id, 2)
            projections.notify(shard, position)
            started = asyncio.get_running_loop().time()
            await projections.wait(shard, position, 5)
            assert asyncio.get_running_loop().time() - started < 1
        with pytest.raises(TimeoutError):
            await projections.wait(0, 4, 0.1)
    assert totals(mongo, database)[str(counter_id)]["positions"] == [1, 2, 3, 1, 2, 3]
    assert projections.lag() == {0: 0, 5: 0}
    assert projections.healthy


async def test_commits_of_others_are_found(
    mongo: Client, database: str, runner: CommandRunner
) -> None:
    store = ShardedStore(mongo, database, Counters)
    projections = ProjectionRunner(store, Raises(), runner, mongo[database])
    other, counter_id = ShardedStore(mongo, database, Counters), uuid4()
    async with running(projections):
        await runner.run(other.shard(7).open, counter_id, 700)
        await eventually(lambda: projections.position(7) == 701)
        # The shard is active now, so the next one is found by the close poll.
        started = asyncio.get_running_loop().time()
        await runner.run(other.shard(7).raise_by, counter_id, 1)
        await eventually(lambda: projections.position(7) == 702)
        assert asyncio.get_running_loop().time() - started < 1
    assert totals(mongo, database)[str(counter_id)]["positions"] == list(range(2, 703))


async def test_two_runners_apply_once(mongo: Client, database: str, runner: CommandRunner) -> None:
    store = ShardedStore(mongo, database, Counters)
    pair = [ProjectionRunner(store, Totals(), runner, mongo[database]) for _ in range(2)]
    ids = [uuid4() for _ in range(3)]
    for counter_id in ids:
        await runner.run(store.shard(1).open, counter_id, 300)
    async with running(*pair):
        for round_ in range(20):
            position = await runner.run(store.shard(1).raise_by, ids[round_ % 3], 1)
            for each in pair:
                each.notify(1, position)
        for each in pair:
            await each.wait(1, position, 10)
    rows = totals(mongo, database)
    assert sum(row["events"] for row in rows.values()) == position == 923
    for row in rows.values():
        assert row["positions"] == sorted(set(row["positions"]))
    assert all(each.healthy for each in pair)


async def test_a_runner_with_an_old_position_reloads(
    mongo: Client, database: str, runner: CommandRunner
) -> None:
    store, counter_id = ShardedStore(mongo, database, Counters), uuid4()
    ahead, behind = (ProjectionRunner(store, Totals(), runner, mongo[database]) for _ in range(2))
    position = await runner.run(store.shard(0).open, counter_id)
    async with running(ahead, behind):
        await ahead.wait(0, position, 5)
        await behind.wait(0, position, 5)
    position = await runner.run(store.shard(0).raise_by, counter_id, 1)
    for each in (ahead, behind):
        async with running(each):
            await each.wait(0, position, 5)
    assert totals(mongo, database)[str(counter_id)]["positions"] == [1, 2]


async def test_poisoned_event_stops_its_shard_only(
    mongo: Client, database: str, runner: CommandRunner, caplog: pytest.LogCaptureFixture
) -> None:
    store = ShardedStore(mongo, database, Counters)
    projections = ProjectionRunner(store, Poisoned(), runner, mongo[database])
    bad, good = uuid4(), uuid4()
    await runner.run(store.shard(0).open, bad, 3)
    await runner.run(store.shard(0).raise_by, bad, 13)
    await runner.run(store.shard(0).raise_by, bad, 1)
    with caplog.at_level(logging.DEBUG):
        async with running(projections):
            await eventually(lambda: not projections.healthy)
            position = await runner.run(store.shard(1).open, good, 1)
            await projections.wait(1, position, 5)
            assert projections.position(0) == 4
            assert projections.lag()[0] == 2
    assert "test.counter.raised.v1 at 5" in caplog.text
    assert "private words" not in caplog.text
    rows = totals(mongo, database)
    assert rows[str(bad)]["positions"] == [1, 2, 3, 4]
    assert rows[str(good)]["positions"] == [1, 2]


async def test_restart_goes_on_where_it_stopped(
    mongo: Client, database: str, runner: CommandRunner
) -> None:
    store, counter_id = ShardedStore(mongo, database, Counters), uuid4()
    position = await runner.run(store.shard(0).open, counter_id, 9)
    for _ in range(2):
        projections = ProjectionRunner(store, Totals(), runner, mongo[database])
        async with running(projections):
            await projections.wait(0, position, 5)
        position = await runner.run(store.shard(0).raise_by, counter_id, 1)
    assert totals(mongo, database)[str(counter_id)]["positions"] == list(range(1, 12))


async def test_goes_on_after_the_server_was_killed(tmp_path: Path, runner: CommandRunner) -> None:
    server = Mongod(tmp_path).start()
    try:
        with connect(server.url) as client:
            store = ShardedStore(client, "killed", Counters)
            projections = ProjectionRunner(store, Totals(), runner, client["killed"])
            counter_id = UUID(int=1)
            await runner.run(store.shard(0).open, counter_id)
            async with running(projections):
                for _ in range(2):
                    for _ in range(20):
                        position = await runner.run(store.shard(0).raise_by, counter_id, 1)
                        projections.notify(0, position)
                    await asyncio.to_thread(server.kill)
                    await asyncio.sleep(0.3)
                    await asyncio.to_thread(server.start)
                    await projections.wait(0, position, 20)
            assert projections.healthy
            row = totals(client, "killed")[str(counter_id)]
            assert row["positions"] == list(range(1, 42))
    finally:
        server.stop()
