"""What a refusal means in a set of three whose newest commit is not on a majority yet."""

import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any
from uuid import UUID

import pytest
from eventsourcing.persistence import IntegrityError, StoredEvent
from pymongo import MongoClient, WriteConcern

from chassis.store.application_recorder import MongoApplicationRecorder
from chassis.store.client import connect
from chassis.store.handles import JOURNALED, Handles, handles
from tests.chaos.cluster import Cluster

AGGREGATE = UUID(int=1)


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    # Without a majority the primary stays one for longer than a write waits for its concern.
    cluster = Cluster(tmp_path_factory.mktemp("set"), 3, election_ms=20_000)
    try:
        cluster.begin()
        yield cluster
    finally:
        cluster.stop()


@pytest.fixture
def mongo(cluster: Cluster) -> Iterator[MongoClient[dict[str, Any]]]:
    cluster.await_primary()
    with connect(cluster.url) as client:
        yield client


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(2) as pool:
        yield pool


def event(state: bytes, aggregate: UUID = AGGREGATE) -> StoredEvent:
    return StoredEvent(aggregate, 1, "topic", state)


def await_local(commits: Handles) -> None:
    while commits.newest.find_one({"ev.o": AGGREGATE}) is None:
        time.sleep(0.02)


def assert_waits(call: Future[Any]) -> None:
    time.sleep(JOURNALED.document["wtimeout"] / 1000 + 1)
    assert not call.done(), call.exception()


def test_refused_only_once_the_winner_can_be_read(
    cluster: Cluster, mongo: MongoClient[dict[str, Any]], pool: ThreadPoolExecutor
) -> None:
    commits = handles(mongo["winner"], "commits_00")
    one, other = (MongoApplicationRecorder(commits) for _ in range(2))
    # It knows the next number, so that it meets the winner in its insert.
    other.insert_events([event(b"before", UUID(int=2))])
    for node in cluster.others(cluster.primary()):
        cluster.freeze(node)
    try:
        winner = pool.submit(one.insert_events, [event(b"winner")])
        await_local(commits)
        loser = pool.submit(other.insert_events, [event(b"loser")])
        assert_waits(loser)
    finally:
        cluster.heal()
    with pytest.raises(IntegrityError):
        loser.result(15)
    # Whoever runs the command again decides on what won.
    assert [e.state for e in other.select_events(AGGREGATE)] == [b"winner"]
    assert winner.result(15) == [2]


def test_not_refused_by_what_a_failover_takes_back(
    cluster: Cluster, mongo: MongoClient[dict[str, Any]], pool: ThreadPoolExecutor
) -> None:
    commits = handles(mongo["taken_back"], "commits_00")
    recorder = MongoApplicationRecorder(commits)
    recorder.insert_events([event(b"before", UUID(int=2))])
    primary = cluster.primary()
    assert primary is not None
    others = cluster.others(primary)
    try:
        for node in others:
            cluster.kill(node)
        # The last write of a process that is gone.
        element = {"o": AGGREGATE, "v": 1, "t": "topic", "s": b"taken back"}
        commits.plain.with_options(write_concern=WriteConcern(1)).insert_one(
            {"_id": 2, "k": 1, "c": bytes(12), "ev": [element]}
        )
        call = pool.submit(recorder.insert_events, [event(b"stays")])
        assert_waits(call)
        cluster.kill(primary)
        for node in others:
            cluster.start(node)
        cluster.step_up(others[0])
    finally:
        cluster.heal()
    assert call.result(30) == [2]
    assert [e.state for e in recorder.select_events(AGGREGATE)] == [b"stays"]
