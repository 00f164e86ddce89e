"""Own rules of the recorder: one document a commit, numbered by its first event, without gaps."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID, uuid4

import pytest
from eventsourcing.persistence import DataError, IntegrityError, StoredEvent
from pymongo import MongoClient

from chassis.store.application_recorder import MongoApplicationRecorder
from chassis.store.documents import MAX_COMMIT_BYTES
from chassis.store.errors import SequenceGapError
from chassis.store.handles import Handles, handles

Client = MongoClient[dict[str, Any]]


@pytest.fixture
def commits(mongo: Client, database: str) -> Handles:
    return handles(mongo[database], "commits_00")


def some(count: int, originator: UUID | None = None, start: int = 1) -> Sequence[StoredEvent]:
    originator = originator or uuid4()
    return [StoredEvent(originator, start + i, "topic", b"state") for i in range(count)]


def assert_contiguous(commits: Handles) -> int:
    """The documents join up; returns the number of events."""
    expected = 1
    for document in commits.settled.find(sort=[("_id", 1)]):
        assert document["_id"] == expected
        assert document["k"] == len(document["ev"]) > 0
        expected += document["k"]
    return expected - 1


def test_document_form(commits: Handles) -> None:
    recorder = MongoApplicationRecorder(commits)
    recorder.insert_events(some(2))
    originator = uuid4()
    assert recorder.insert_events(some(3, originator)) == [3, 4, 5]
    second = commits.plain.find_one({"_id": 3})
    assert second is not None
    assert set(second) == {"_id", "k", "c", "ev"}
    assert (second["k"], len(second["c"])) == (3, 12)
    assert second["ev"][2] == {"o": originator, "v": 3, "t": "topic", "s": b"state"}


def test_racing_recorders_leave_neither_gap_nor_overlap(commits: Handles) -> None:
    recorders = [MongoApplicationRecorder(commits) for _ in range(2)]
    given: list[int] = []

    def write(worker: int) -> None:
        for i in range(60):
            ids = recorders[worker % 2].insert_events(some(1 + (worker + i) % 4))
            assert ids is not None
            assert list(ids) == list(range(ids[0], ids[0] + len(ids)))
            given.extend(ids)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(write, range(8)))
    assert sorted(given) == list(range(1, len(given) + 1))
    assert assert_contiguous(commits) == len(given)


def test_of_many_writers_of_one_version_one_wins(commits: Handles) -> None:
    recorders = [MongoApplicationRecorder(commits) for _ in range(2)]
    for version in range(1, 11):
        aggregate = UUID(int=7)

        def write(worker: int, version: int = version, aggregate: UUID = aggregate) -> bool:
            try:
                recorders[worker % 2].insert_events(some(1, aggregate, version))
            except IntegrityError:
                return False
            return True

        with ThreadPoolExecutor(8) as pool:
            assert sum(pool.map(write, range(8))) == 1
    assert assert_contiguous(commits) == 10


def test_conflict_on_a_second_event_records_nothing(commits: Handles) -> None:
    recorder, other = MongoApplicationRecorder(commits), MongoApplicationRecorder(commits)
    aggregate = uuid4()
    recorder.insert_events(some(1, aggregate, start=2))
    with pytest.raises(IntegrityError):
        other.insert_events(some(2, aggregate, start=1))
    assert assert_contiguous(commits) == 1
    assert other.insert_events(some(1)) == [2]


def test_refused_before_anything_is_sent(commits: Handles) -> None:
    recorder = MongoApplicationRecorder(commits)
    with pytest.raises(IntegrityError):
        recorder.insert_events([*some(1, UUID(int=1)), *some(1, UUID(int=1))])
    with pytest.raises(DataError):
        recorder.insert_events([StoredEvent(uuid4(), 1, "topic", bytes(MAX_COMMIT_BYTES))])
    assert assert_contiguous(commits) == 0


def test_reading_resumes_inside_a_commit(commits: Handles) -> None:
    recorder = MongoApplicationRecorder(commits)
    for count in (3, 1, 4, 2):
        recorder.insert_events(some(count))
    for start in range(1, 12):
        for limit in range(1, 11):
            found = recorder.select_notifications(start, limit)
            assert [n.id for n in found] == list(range(start, min(start + limit, 11)))
            found = recorder.select_notifications(start, limit, inclusive_of_start=False)
            assert [n.id for n in found] == list(range(start + 1, min(start + 1 + limit, 11)))
        found = recorder.select_notifications(start, 20, stop=6, topics=["topic"])
        assert [n.id for n in found] == list(range(start, 7))


def test_a_hole_is_loud(commits: Handles) -> None:
    recorder = MongoApplicationRecorder(commits)
    for _ in range(3):
        recorder.insert_events(some(2))
    commits.write.delete_one({"_id": 3})
    with pytest.raises(SequenceGapError):
        recorder.select_notifications(1, 10)
    with pytest.raises(SequenceGapError):
        recorder.select_notifications(3, 10)


def test_a_recorder_behind_another_catches_up(commits: Handles) -> None:
    mine, other = MongoApplicationRecorder(commits), MongoApplicationRecorder(commits)
    mine.insert_events(some(2))
    for _ in range(5):
        other.insert_events(some(3))
    assert mine.insert_events(some(2)) == [18, 19]
    assert assert_contiguous(commits) == 19
