"""What the recorder does when it can't know: fail points of a real mongod, and SIGKILL."""

import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from eventsourcing.persistence import IntegrityError, StoredEvent, Tracking
from pymongo import MongoClient

from chassis.store.application_recorder import MongoApplicationRecorder
from chassis.store.client import connect
from chassis.store.errors import OutcomeUnknownError, StoreAwayError
from chassis.store.handles import Handles, handles
from chassis.store.process_recorder import MongoProcessRecorder
from tests.servers import Mongod, free_port

Client = MongoClient[dict[str, Any]]


class FailPoint:
    """Makes the server fail commands of one client, named by its appName."""

    def __init__(self, client: Client, app: str) -> None:
        self._client, self._app = client, app

    def set(self, commands: list[str], mode: Any, **data: Any) -> None:
        self._client.admin.command(
            "configureFailPoint",
            "failCommand",
            mode=mode,
            data={"failCommands": commands, "appName": self._app, **data},
        )

    def off(self) -> None:
        self._client.admin.command("configureFailPoint", "failCommand", mode="off")


@pytest.fixture
def fail(mongo: Client, database: str) -> Iterator[FailPoint]:
    point = FailPoint(mongo, database)
    yield point
    point.off()


@pytest.fixture
def victim(mongod: Mongod, database: str) -> Iterator[Client]:
    """A client that only this test has, so that only it can be failed."""
    with connect(mongod.url, socket_timeout_s=0.3, appname=database) as client:
        yield client


@pytest.fixture
def commits(victim: Client, database: str) -> Handles:
    return handles(victim[database], "commits_00")


def some(count: int, originator: UUID | None = None) -> Sequence[StoredEvent]:
    originator = originator or uuid4()
    return [StoredEvent(originator, 1 + i, "topic", b"state") for i in range(count)]


def lengths(commits: Handles) -> list[tuple[int, int]]:
    return [(d["_id"], d["k"]) for d in commits.settled.find(sort=[("_id", 1)])]


def test_connection_lost_before_the_insert(commits: Handles, fail: FailPoint) -> None:
    recorder = MongoApplicationRecorder(commits)
    fail.set(["insert"], {"times": 3}, closeConnection=True)
    assert recorder.insert_events(some(2)) == [1, 2]
    assert lengths(commits) == [(1, 2)]


def test_recorded_but_not_known_to_be(commits: Handles, fail: FailPoint) -> None:
    recorder = MongoApplicationRecorder(commits)
    fail.set(["insert"], {"times": 1}, writeConcernError={"code": 64, "errmsg": "waited"})
    assert recorder.insert_events(some(2)) == [1, 2]
    assert recorder.insert_events(some(1)) == [3]
    assert lengths(commits) == [(1, 2), (3, 1)]


def test_insert_that_lands_late(commits: Handles, fail: FailPoint) -> None:
    recorder = MongoApplicationRecorder(commits)
    # Longer than the socket's timeout, and once more for the driver's own retry.
    fail.set(["insert"], {"times": 2}, blockConnection=True, blockTimeMS=800)
    assert recorder.insert_events(some(2)) == [1, 2]
    assert recorder.insert_events(some(3)) == [3, 4, 5]
    time.sleep(1.5)
    assert lengths(commits) == [(1, 2), (3, 3)]


def test_deadline_says_unknown_and_repeating_is_safe(commits: Handles, fail: FailPoint) -> None:
    recorder = MongoApplicationRecorder(commits, deadline_s=0.5)
    fail.set(["insert"], "alwaysOn", closeConnection=True)
    events = some(2)
    with pytest.raises(OutcomeUnknownError):
        recorder.insert_events(events)
    fail.off()
    assert recorder.insert_events(events) == [1, 2]
    with pytest.raises(IntegrityError):
        recorder.insert_events(events)


def test_nothing_sent_is_said_so(database: str) -> None:
    url = f"mongodb://127.0.0.1:{free_port()}/?replicaSet=rs0"
    with connect(url, serverSelectionTimeoutMS=200) as client:
        nowhere = handles(client[database], "commits_00")
        recorder = MongoApplicationRecorder(nowhere, create=False, deadline_s=0.5)
        with pytest.raises(StoreAwayError):
            recorder.insert_events(some(1))


@pytest.mark.parametrize(
    "failure",
    [
        {"writeConcernError": {"code": 64, "errmsg": "waited"}},
        {"closeConnection": True},
        {"errorCode": 10107},
        {"blockConnection": True, "blockTimeMS": 600},
    ],
    ids=["write concern", "connection", "step-down", "late"],
)
@pytest.mark.parametrize("command", ["commitTransaction", "insert", "update"])
def test_tracked_commit_is_known_by_its_token(
    victim: Client, database: str, fail: FailPoint, command: str, failure: dict[str, Any]
) -> None:
    if command != "commitTransaction" and "writeConcernError" in failure:
        pytest.skip("A statement in a transaction has no write concern.")
    commits = handles(victim[database], "commits_00")
    recorder = MongoProcessRecorder(commits, handles(victim[database], "tracking"))
    recorder.insert_events(some(1), tracking=Tracking("upstream", 1))
    fail.set([command], {"times": 2}, **failure)
    assert recorder.insert_events(some(2), tracking=Tracking("upstream", 2)) == [2, 3]
    assert recorder.max_tracking_id("upstream") == 2
    with pytest.raises(IntegrityError):
        recorder.insert_events(some(1), tracking=Tracking("upstream", 2))
    assert recorder.insert_events(some(1)) == [4]
    time.sleep(0.7 if "blockConnection" in failure else 0)
    assert lengths(commits) == [(1, 1), (2, 2), (4, 1)]


def test_tracking_alone_is_known_by_its_token(
    victim: Client, database: str, fail: FailPoint
) -> None:
    recorder = MongoProcessRecorder(
        handles(victim[database], "commits_00"), handles(victim[database], "tracking")
    )
    fail.set(["update"], {"times": 1}, writeConcernError={"code": 64, "errmsg": "waited"})
    recorder.insert_events([], tracking=Tracking("upstream", 5))
    with pytest.raises(IntegrityError):
        recorder.insert_events([], tracking=Tracking("upstream", 5))


def test_tracked_commits_beside_a_group_committer(mongo: Client, database: str) -> None:
    commits, tracking = (handles(mongo[database], n) for n in ("commits_00", "tracking"))
    tracked, plain = MongoProcessRecorder(commits, tracking), MongoApplicationRecorder(commits)
    given: list[int] = []

    def write_plain() -> None:
        for _ in range(40):
            given.extend(plain.insert_events(some(2)) or ())

    threads = [threading.Thread(target=write_plain) for _ in range(4)]
    for thread in threads:
        thread.start()
    for position in range(1, 31):
        given.extend(tracked.insert_events(some(1), tracking=Tracking("up", position)) or ())
    for thread in threads:
        thread.join()
    assert sorted(given) == list(range(1, 4 * 40 * 2 + 31))


def test_server_killed_during_writes(tmp_path: Path) -> None:
    server = Mongod(tmp_path).start()
    acknowledged: dict[UUID, list[int]] = {}
    unexpected: list[BaseException] = []
    stop = threading.Event()

    def write(recorder: MongoApplicationRecorder) -> None:
        while not stop.is_set():
            aggregate = uuid4()
            try:
                ids = recorder.insert_events(some(1 + aggregate.int % 4, aggregate))
            except BaseException as error:  # noqa: BLE001 - any error is the finding
                unexpected.append(error)
                return
            acknowledged[aggregate] = list(ids or ())

    try:
        with connect(server.url) as one, connect(server.url) as two:
            recorders = [
                MongoApplicationRecorder(handles(client["killed"], "commits_00"))
                for client in (one, two)
            ]
            threads = [threading.Thread(target=write, args=(recorders[i % 2],)) for i in range(8)]
            for thread in threads:
                thread.start()
            for _ in range(4):
                time.sleep(0.6)
                server.kill()
                server.start()
            time.sleep(0.6)
            stop.set()
            for thread in threads:
                thread.join(30)
            assert unexpected == []
            recorded: dict[UUID, list[int]] = {}
            expected = 1
            for document in handles(one["killed"], "commits_00").settled.find(sort=[("_id", 1)]):
                assert document["_id"] == expected
                expected += document["k"]
                assert document["ev"][0]["o"] not in recorded
                recorded[document["ev"][0]["o"]] = list(range(document["_id"], expected))
    finally:
        stop.set()
        server.stop()
    assert len(acknowledged) > 100
    assert recorded == acknowledged
