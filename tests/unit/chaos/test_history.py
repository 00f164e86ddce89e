"""The judge of the chaos runs is judged: each kind of wrong once, and what is right."""

from dataclasses import replace

import pytest

from tests.chaos.facts import Attempt, Event, Outcome, Reader, Stored
from tests.chaos.history import Kind, check


def attempt(
    name: str, *keys: tuple[str, int], at: int, outcome: Outcome = Outcome.OK, first: int = 0
) -> Attempt:
    ids = tuple(range(first, first + len(keys))) if first else ()
    ended = None if outcome is Outcome.UNKNOWN else at + 5
    return Attempt(name, keys, outcome, at, ended, ids)


def document(first: int, name: str, *keys: tuple[str, int]) -> Stored:
    return Stored(first, len(keys), tuple(Event(key, name) for key in keys))


ONE = attempt("one", ("a", 1), ("b", 1), at=10, first=1)
TWO = attempt("two", ("a", 2), at=20, first=3)
LOSER = attempt("loser", ("b", 1), at=12, outcome=Outcome.REFUSED)
GONE = attempt("gone", ("c", 1), at=14, outcome=Outcome.AWAY)
CRASHED = attempt("crashed", ("d", 1), at=30, outcome=Outcome.UNKNOWN)
VANISHED = attempt("vanished", ("e", 1), at=31, outcome=Outcome.UNKNOWN)
ATTEMPTS = [ONE, TWO, LOSER, GONE, CRASHED, VANISHED]

FIRST = document(1, "one", ("a", 1), ("b", 1))
SECOND = document(3, "two", ("a", 2))
THIRD = document(4, "crashed", ("d", 1))
STORED = [FIRST, SECOND, THIRD]

SEEN = [
    (1, Event(("a", 1), "one")),
    (2, Event(("b", 1), "one")),
    (3, Event(("a", 2), "two")),
    (4, Event(("d", 1), "crashed")),
]


def test_nothing_is_wrong_with_a_right_history() -> None:
    verdict = check(ATTEMPTS, STORED, [Reader("r", SEEN), Reader("s", list(SEEN))])
    assert verdict.findings == []
    assert verdict.counts == {
        "attempts": 6,
        "ok": 2,
        "refused": 1,
        "away": 1,
        "unknown": 2,
        "unknown_recorded": 1,
        "unknown_absent": 1,
        "commits": 3,
        "events": 4,
    }


def test_nothing_is_wrong_with_nothing() -> None:
    assert check([], [], [Reader("r", [])]).findings == []


def test_overlapping_attempts_may_stand_in_either_order() -> None:
    late = attempt("late", ("x", 1), at=10, first=1)
    early = attempt("early", ("y", 1), at=8, first=2)
    stored = [document(1, "late", ("x", 1)), document(2, "early", ("y", 1))]
    assert check([late, early], stored).findings == []


def test_refused_because_of_an_attempt_nobody_answered_is_right() -> None:
    refused = attempt("refused", ("d", 1), at=40, outcome=Outcome.REFUSED)
    assert check([*ATTEMPTS, refused], STORED).findings == []


def test_acknowledged_but_absent() -> None:
    lost = attempt("three", ("f", 1), at=50, first=5)
    assert check([*ATTEMPTS, lost], STORED).kinds == {Kind.LOST}


@pytest.mark.parametrize(
    "half",
    [
        document(1, "one", ("a", 1)),
        Stored(1, 3, FIRST.events),
        Stored(1, 2, (FIRST.events[1], FIRST.events[0])),
        Stored(1, 0, ()),
    ],
    ids=["fewer events", "fewer than it claims", "another order", "empty"],
)
def test_half_a_commit(half: Stored) -> None:
    assert Kind.HALF in check([ONE], [half]).kinds


def test_two_attempts_in_one_document() -> None:
    both = Stored(1, 3, FIRST.events + SECOND.events)
    assert Kind.HALF in check([ONE, TWO], [both]).kinds


def test_gap() -> None:
    moved = [replace(TWO, ids=(4,)), ONE]
    assert check(moved, [FIRST, replace(SECOND, first=4)]).kinds == {Kind.GAP}
    assert check([replace(TWO, keys=(("a", 1),))], [document(3, "two", ("a", 1))]).kinds == {
        Kind.GAP
    }


def test_overlap() -> None:
    moved = replace(TWO, ids=(2,), invoked=10)
    assert check([ONE, moved], [FIRST, replace(SECOND, first=2)]).kinds == {Kind.OVERLAP}


def test_the_same_version_twice() -> None:
    again = attempt("again", ("a", 1), at=20, first=3)
    verdict = check([ONE, again], [FIRST, document(3, "again", ("a", 1))])
    assert verdict.kinds == {Kind.DUPLICATE}


def test_the_same_attempt_twice() -> None:
    verdict = check([ONE], [FIRST, document(3, "one", ("a", 1), ("b", 1))])
    assert verdict.kinds == {Kind.DUPLICATE}


def test_acknowledged_under_other_positions() -> None:
    assert check([replace(ONE, ids=(2, 3))], [FIRST]).kinds == {Kind.MISNUMBERED}


def test_refused_although_nobody_holds_the_version() -> None:
    assert check([ONE, LOSER], [FIRST]).findings == []
    refused = attempt("refused", ("f", 1), at=50, outcome=Outcome.REFUSED)
    assert check([*ATTEMPTS, refused], STORED).kinds == {Kind.FALSE_CONFLICT}


def test_refused_because_of_what_came_later() -> None:
    refused = attempt("refused", ("a", 2), at=12, outcome=Outcome.REFUSED)
    assert check([ONE, TWO, refused], [FIRST, SECOND]).kinds == {Kind.FALSE_CONFLICT}


def test_refused_although_recorded() -> None:
    assert check([replace(ONE, outcome=Outcome.REFUSED)], [FIRST]).kinds == {Kind.OWN_CONFLICT}


def test_recorded_although_said_not_to_be() -> None:
    assert check([replace(ONE, outcome=Outcome.AWAY)], [FIRST]).kinds == {Kind.NOT_AWAY}


def test_never_asked_for() -> None:
    assert check([], [FIRST]).kinds == {Kind.STRANGER}


def test_versions_out_of_order() -> None:
    later = attempt("later", ("a", 4), at=20, first=3)
    verdict = check([ONE, later], [FIRST, document(3, "later", ("a", 4))])
    assert verdict.kinds == {Kind.VERSIONS}


def test_recorded_before_what_was_acknowledged_earlier() -> None:
    first = attempt("first", ("x", 1), at=10, first=2)
    second = attempt("second", ("y", 1), at=20, first=1)
    stored = [document(1, "second", ("y", 1)), document(2, "first", ("x", 1))]
    assert check([first, second], stored).kinds == {Kind.REAL_TIME}


@pytest.mark.parametrize(
    ("seen", "kinds"),
    [
        ([*SEEN[:1], *SEEN[2:]], {Kind.READER_SKIPPED}),
        (SEEN[1:], {Kind.READER_SKIPPED}),
        ([*SEEN[:2], SEEN[1], *SEEN[2:]], {Kind.READER_REPEATED}),
        (
            [SEEN[0], SEEN[2], SEEN[1], SEEN[3]],
            {Kind.READER_SKIPPED, Kind.READER_REPEATED},
        ),
        ([*SEEN[:3], (4, Event(("x", 1), "crashed"))], {Kind.READER_DIFFERS}),
        ([*SEEN, (5, Event(("x", 1), "taken back"))], {Kind.READER_DIFFERS}),
        (SEEN[:3], {Kind.READER_BEHIND}),
        ([], {Kind.READER_BEHIND}),
    ],
)
def test_readers(seen: list[tuple[int, Event]], kinds: set[Kind]) -> None:
    verdict = check(ATTEMPTS, STORED, [Reader("right", SEEN), Reader("wrong", seen)])
    assert verdict.kinds == kinds
    assert all("wrong" in finding.where for finding in verdict.findings)
