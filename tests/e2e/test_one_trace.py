"""One trace from a device's post to the integrators' feed, through every role in between."""

import json
import secrets
from dataclasses import dataclass

import pytest
from school_under_test import School, activity, batch
from small_roster import ROBIN
from system_under_test import ROLES, SystemUnderTest
from waiting import eventually

pytestmark = pytest.mark.e2e

WAY = {
    "capture": "POST /v1/activities",
    "evaluation": "evaluation capture.ActivityBatch.v1",
    "incidents": "evaluation.Finding.v1",
    "alerting": "alerting-incidents incidents.IncidentOpened.v1",
    "reporting": "reporting-incidents incidents.IncidentOpened.v1",
    "gateway": "feed-incidents incidents.IncidentOpened.v1",
}
"""Each role's own step, by how its span's name ends."""

PARENTS = {
    "evaluation": "capture",
    "incidents": "evaluation",
    "alerting": "incidents",
    "reporting": "incidents",
    "gateway": "incidents",
}


@dataclass(frozen=True)
class Span:
    role: str
    name: str
    trace: str
    id: str
    parent: str


def _spans(system: SystemUnderTest) -> list[Span]:
    """Every span that is written whole."""
    found = []
    for role in ROLES:
        lines = (system.data / "spans" / f"{role}.ndjson").read_text().split("\n")[:-1]
        for line in lines:
            one = json.loads(line)
            found.append(
                Span(
                    one["resource"]["attributes"]["vigil.role"],
                    one["name"],
                    one["context"]["trace_id"].removeprefix("0x"),
                    one["context"]["span_id"].removeprefix("0x"),
                    (one["parent_id"] or "").removeprefix("0x"),
                )
            )
    return found


def test_a_post_is_one_trace_to_the_feed(system: SystemUnderTest, school: School) -> None:
    trace, root = secrets.token_hex(16), secrets.token_hex(8)
    sent = batch(activity(ROBIN.login, "i want to kill myself tonight"))
    answer = school.post("laptop-1", sent, traceparent=f"00-{trace}-{root}-01")
    assert answer.status_code == 202
    school.await_incident("harm_to_self")

    def way() -> dict[str, Span] | None:
        mine = [span for span in _spans(system) if span.trace == trace]
        steps = {
            role: next((s for s in mine if s.role == role and s.name.endswith(name)), None)
            for role, name in WAY.items()
        }
        found = {role: span for role, span in steps.items() if span is not None}
        missing = WAY.keys() - found.keys()
        return None if missing else found

    steps = eventually("every role's step is in the trace", way)
    by_id = {span.id: span for span in _spans(system) if span.trace == trace}
    assert steps["capture"].parent == root
    for role, before in PARENTS.items():
        assert by_id[steps[role].parent].role == before
    # Nobody's parent is lost, and the asides (keys, context, contacts) belong to the trace too.
    assert {s.parent for s in by_id.values()} <= {*by_id, root}
    assert {span.role for span in by_id.values()} == set(ROLES)


def test_every_role_writes_spans(system: SystemUnderTest) -> None:
    assert {span.role for span in _spans(system)} == set(ROLES)
