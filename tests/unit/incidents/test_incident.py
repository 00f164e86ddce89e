"""Given what happened, when a command comes, then these events."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chassis.errors import ConflictError, InvalidError
from services.policy.incidents.domain.finding import JoinedFinding
from services.policy.incidents.domain.incident import ACKNOWLEDGED, CLOSED, OPEN, Incident
from services.policy.incidents.projections.incident_view import fold

AT = datetime(2026, 11, 10, 12, tzinfo=UTC)

FINDING = JoinedFinding(
    finding_id="f-1",
    activity_id="a-1",
    activity_kind="search",
    theme="self_harm",
    severity=3,
    confidence=0.8,
    rule_id="en_gb.self_harm.0001",
    evaluation_hash="h",
    device_id="d-1",
    occurred_at_ms=1,
    received_at_ms=2,
    offline=False,
    four_c="content",
    intent="personal",
    key_id="k-1",
    sealed=b"s",
    context=b"",
    context_count=0,
)


def given(finding: JoinedFinding = FINDING) -> Incident:
    incident = Incident.open(
        school_id="school",
        person_id="p-1",
        family="harm_to_self",
        year_group=9,
        finding=finding,
        at=AT,
    )
    incident.collect_events()
    return incident


def then(incident: Incident) -> list[str]:
    return [type(event).__name__ for event in incident.collect_events()]


def test_opening_joins_the_first_finding() -> None:
    incident = Incident.open(
        school_id="school",
        person_id="p-1",
        family="harm_to_self",
        year_group=None,
        finding=FINDING,
        at=AT,
    )
    events = list(incident.collect_events())
    assert [type(event).__name__ for event in events] == ["Created", "FindingJoined"]
    assert all(event.school_id == "school" for event in events)  # type: ignore[attr-defined]
    view = fold(events)
    assert (view.severity, view.theme, view.finding_count, view.state) == (
        3,
        "self_harm",
        1,
        "open",
    )
    assert not view.HasField("year_group")
    assert view.reference.startswith("VG-")


def test_the_same_finding_opens_the_same_incident() -> None:
    assert given().id == given().id


def test_a_worse_finding_raises_the_severity() -> None:
    incident = given()
    incident.join(replace(FINDING, finding_id="f-2", severity=5, theme="suicide"), AT)
    assert then(incident) == ["FindingJoined", "SeverityRaised"]
    assert (incident.severity, incident.theme) == (5, "suicide")


def test_a_milder_finding_joins_quietly() -> None:
    incident = given()
    incident.join(replace(FINDING, finding_id="f-2", severity=2), AT)
    assert then(incident) == ["FindingJoined"]
    assert incident.severity == 3


def test_a_finding_joins_once() -> None:
    incident = given()
    incident.join(FINDING, AT)
    assert then(incident) == []


def test_each_acknowledgement_is_recorded_once() -> None:
    incident = given()
    incident.acknowledge("u-1", AT)
    incident.acknowledge("u-1", AT)
    incident.acknowledge("u-2", AT)
    assert then(incident) == ["Acknowledged", "Acknowledged"]
    assert incident.state == ACKNOWLEDGED


def test_a_raised_severity_wants_an_answer_again() -> None:
    incident = given()
    incident.acknowledge("u-1", AT)
    incident.join(replace(FINDING, finding_id="f-2", severity=5), AT)
    assert incident.state == OPEN
    incident.acknowledge("u-1", AT)
    assert then(incident) == ["Acknowledged", "FindingJoined", "SeverityRaised", "Acknowledged"]
    assert incident.state == ACKNOWLEDGED


def test_a_closed_incident_takes_only_notes_and_reveals() -> None:
    incident = given()
    incident.close("u-1", "pastoral", b"r", AT)
    assert (then(incident), incident.state) == (["Closed"], CLOSED)
    for refused in (
        lambda: incident.join(replace(FINDING, finding_id="f-2"), AT),
        lambda: incident.acknowledge("u-1", AT),
        lambda: incident.close("u-1", "pastoral", b"r", AT),
    ):
        with pytest.raises(ConflictError):
            refused()
    incident.note("u-1", "n-1", b"n", AT)
    incident.reveal("u-1", "record_review", AT)
    assert then(incident) == ["Noted", "Revealed"]


@pytest.mark.parametrize(
    ("command", "slug"),
    [
        (lambda i: i.close("u-1", "solved", b"", AT), "bad_outcome"),
        (lambda i: i.reveal("u-1", "because of Ayesha", AT), "bad_purpose"),
    ],
)
def test_outcomes_and_purposes_are_closed_lists(command: Any, slug: str) -> None:
    with pytest.raises(InvalidError) as refused:
        command(given())
    assert refused.value.slug == slug


def test_findings_join_within_the_window_after_the_last() -> None:
    incident = given()
    assert incident.takes(AT + timedelta(days=6, hours=23), 7)
    assert not incident.takes(AT + timedelta(days=7), 7)
    incident.close("u-1", "monitor", b"r", AT)
    assert not incident.takes(AT, 7)
