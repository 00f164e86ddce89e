"""Many applications on one client, and commands run in threads."""

import asyncio
from typing import Any
from uuid import UUID, uuid4

import pytest
from counters import Counter, Counters
from eventsourcing.application import AggregateNotFoundError
from eventsourcing.domain import Aggregate
from eventsourcing.persistence import IntegrityError
from pymongo import MongoClient

from chassis.store.application import ShardedStore
from chassis.store.commands import CommandRunner
from chassis.store.errors import LostRaceError

Client = MongoClient[dict[str, Any]]


class Other(Aggregate):
    pass


def test_shards_are_collections_on_one_client(mongo: Client, database: str) -> None:
    store = ShardedStore(mongo, database, Counters)
    assert store.shards_in_use() == []
    assert store.heads() == {}
    same = uuid4()
    assert store.shard(3).open(same, raises=2) == 3
    assert store.shard(63).open(same) == 1
    assert store.shard(3) is store.shard(3)
    assert store.shards_in_use() == [3, 63]
    assert ShardedStore(mongo, database, Counters).heads() == {3: 3, 63: 1}
    assert store.shard(3).load(Counter, same).value == 2
    assert store.shard(63).load(Counter, same).value == 0
    with pytest.raises(ValueError, match="numbered 0 to 63"):
        store.shard(64)


def test_bytes_and_topics_are_stored_as_declared(mongo: Client, database: str) -> None:
    store = ShardedStore(mongo, database, Counters)
    counter_id = uuid4()
    store.shard(0).open(counter_id, raises=1)
    assert store.shard(0).load(Counter, counter_id).seal == b"\x00\xff"
    document = mongo[database]["commits_00"].find_one()
    assert document is not None
    assert [e["t"] for e in document["ev"]] == ["test.counter.created.v1", "test.counter.raised.v1"]


def test_load_refuses_what_is_not_there_or_something_else(mongo: Client, database: str) -> None:
    shard = ShardedStore(mongo, database, Counters).shard(0)
    with pytest.raises(AggregateNotFoundError):
        shard.load(Counter, uuid4())
    counter_id = uuid4()
    shard.open(counter_id)
    with pytest.raises(AggregateNotFoundError):
        shard.load(Other, counter_id)


def test_in_memory_without_a_store() -> None:
    application = Counters()
    counter_id = uuid4()
    assert application.open(counter_id, raises=1) == 2
    assert application.load(Counter, counter_id).value == 1


def test_client_without_a_timeout_is_refused(database: str) -> None:
    with (
        MongoClient[dict[str, Any]](connect=False) as client,
        pytest.raises(ValueError, match="socketTimeoutMS"),
    ):
        ShardedStore(client, database, Counters)


async def test_lost_races_are_run_again(mongo: Client, database: str) -> None:
    store, runner = ShardedStore(mongo, database, Counters), CommandRunner(4)
    counter_id = uuid4()
    await runner.run(store.shard(0).open, counter_id)
    positions = await asyncio.gather(
        *(runner.run(store.shard(0).raise_by, counter_id, 1) for _ in range(4))
    )
    assert sorted(positions) == [2, 3, 4, 5]
    assert store.shard(0).load(Counter, counter_id).value == 4
    runner.close()


async def test_a_race_lost_each_time_ends() -> None:
    runner, calls = CommandRunner(1), []

    def lose(counter_id: UUID) -> None:
        calls.append(counter_id)
        raise IntegrityError

    with pytest.raises(LostRaceError):
        await runner.run(lose, uuid4())
    assert len(calls) == 6
    runner.close()
