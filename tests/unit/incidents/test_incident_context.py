"""Which activities are kept around the one that was found."""

from contracts.activity import Activity, Kind
from services.policy.incidents.application.gather_context import select


def _activity(number: int, at: int | None = None) -> Activity:
    at = number if at is None else at
    return Activity(id=f"a-{number}", occurred_at_ms=at, kind=Kind.TEXT_TYPED, login="x")


def test_by_when_it_happened_not_by_when_it_came() -> None:
    came = [_activity(5), _activity(1), _activity(3), _activity(2), _activity(4)]
    assert [a.id for a in select(came, "a-3", 1)] == ["a-2", "a-4"]


def test_a_batch_that_came_twice_counts_once() -> None:
    came = [_activity(n) for n in (1, 2, 3, 1, 2, 3)]
    assert [a.id for a in select(came, "a-2", 5)] == ["a-1", "a-3"]


def test_nothing_without_the_activity_itself() -> None:
    assert select([_activity(1)], "a-9", 5) == []
