"""The demo's figures: findings against labels, and who was told after how long."""

from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from vigil.demo.day_clock import DayClock
from vigil.demo.labels import Found, Label, read_labels, score
from vigil.demo.material import MissingMaterialError, find_material
from vigil.demo.record import Case, Record
from vigil.demo.tempo import Tempo
from vigil.replay.day import Pace
from vigil.replay.post import Post

LABELS = [
    Label("c1", "concern", "suicide", "plain", ""),
    Label("c2", "concern", "suicide", "indirect", ""),
    Label("c3", "concern", "bullying", "plain", ""),
    Label("l1", "look_alike", "violence", "", ""),
    Label("l2", "look_alike", "violence", "", ""),
]
FINDINGS = {
    "c1": Found(1, frozenset({"suicide"})),
    "c3": Found(3, frozenset({"violence"})),
    "l1": Found(1, frozenset({"violence"})),
    "l2": Found(2, frozenset({"violence"})),
    "b1": Found(2, frozenset({"bullying"})),
    "b2": Found(1, frozenset({"bullying"})),
}


def test_any_finding_finds_a_concern_whatever_its_theme() -> None:
    result = score(LABELS, FINDINGS)
    assert [one.activity_id for one in result.found] == ["c1", "c3"]
    assert [one.activity_id for one in result.missed] == ["c2"]
    assert result.right_theme == 1
    assert (result.of("suicide", "plain"), result.of("suicide", "indirect")) == ((1, 1), (0, 1))


def test_a_trend_flags_nobody() -> None:
    result = score(LABELS, FINDINGS)
    assert [one.activity_id for one in result.look_alikes_flagged] == ["l2"]
    assert result.benign_flagged == ("b1",)


def test_the_days_labels_are_read_without_marks() -> None:
    labels = read_labels(find_material().labels)
    assert {label.label for label in labels} == {"concern", "look_alike"}
    assert len({label.activity_id for label in labels}) == len(labels)


def test_missing_files_are_named(tmp_path: Path) -> None:
    with pytest.raises(MissingMaterialError, match=r"roster\.zip, .* missing"):
        find_material(tmp_path)


def _at(second: float) -> str:
    return f"2026-11-24T16:00:{second:06.3f}+00:00"


def _told(severity: int, *delivered: float | None) -> dict[str, object]:
    notifications = [
        {"step": n, "role": "dsl", "deliveredAt": None if at is None else _at(at)}
        for n, at in enumerate(delivered, start=1)
    ]
    return {"severity": severity, "notifications": notifications}


CASE = Case(
    incident={"openedAt": _at(0)},
    timeline=[
        {"kind": "opened", "severity": 2, "at": _at(0)},
        {"kind": "finding_joined", "severity": 4, "at": _at(9)},
        {"kind": "severity_raised", "severity": 4, "at": _at(10)},
    ],
    findings=[
        {"deviceId": "d", "activityId": "a", "ruleId": "r", "evaluationHash": "e"}
        | {"severity": 2, "theme": "x"},
        {"deviceId": "d", "activityId": "a", "ruleId": "q", "evaluationHash": "e"}
        | {"severity": 4, "theme": "y"},
    ],
    escalations=[_told(4, 10.5, 18.0)],
)


def test_the_delay_counts_from_what_began_the_escalation() -> None:
    assert CASE.cause(CASE.escalations[0])[0] == "severity_raised"
    assert CASE.delays_s() == [0.5]
    assert Record([CASE]).median_to_delivery_s(CASE.opened_at) == 0.5


def test_who_was_not_told_has_no_delay() -> None:
    case = Case(CASE.incident, CASE.timeline, [], [_told(2, None)])
    assert case.delays_s() == []
    assert Record([case]).median_to_delivery_s(case.opened_at) is None


def test_findings_by_activity_and_doubled_ones() -> None:
    assert Record([CASE]).by_activity() == {"a": Found(4, frozenset({"x", "y"}))}
    assert Record([CASE]).doubled == 0
    assert Record([CASE, CASE]).doubled == 2


def test_the_clock_goes_by_what_was_sent() -> None:
    pace = Pace(0, 50_400_000, 60)
    clock = DayClock(pace, ZoneInfo("Europe/London"))
    assert (clock.now(), clock.last_of("d")) == ("01:00", "01:00")  # summer time all of 1970
    clock.reached(Post(3_600_000, "d", None, "f", 1))
    clock.reached(Post(1_800_000, "other", None, "f", 2))
    assert (clock.now(), clock.last_of("d"), clock.last_of("other")) == ("02:00", "02:00", "01:30")
    assert clock.minutes_since("other") == 30
    assert clock.at(0) == "01:00"


def test_a_faster_day_needs_a_shorter_silence_but_not_too_short_a_one() -> None:
    assert Tempo(60).overrides["capture"]["SILENT_AFTER_S"] == "4.1"
    assert Tempo(0).silent_after_s == 3
    assert Tempo(870).silent_after_s == 60
