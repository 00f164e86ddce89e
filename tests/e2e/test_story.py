"""One story from the pupil's laptop to the closed case and the figures, with steps of seconds."""

import csv
import io
import time
from datetime import datetime, timedelta
from email.message import EmailMessage
from typing import Any

import httpx
import pytest
from school_under_test import School, activity, batch
from small_roster import ROBIN
from waiting import eventually

pytestmark = pytest.mark.e2e

HOUR_MS = 3_600_000
DSL_WAITS_S = 3
DEPUTY_WAITS_S = 6
CONCERN = "self harm tips without anyone knowing"
BEFORE = "in a solid the particles are packed closely together"
BETWEEN = "how to stop feeling numb"
AFTER = "wish someone would just ask me"
FINALLY = "in a gas the particles move quickly in all directions"
NOTE = "Met Robin with Ms Fernside at break; parents were rung."

CASE = """query($id: ID!) { incident(id: $id) {
  incident { severity state theme family outcome yearGroup acknowledgedBy closedBy reference }
  timeline { kind at byUser severity findingId detail }
  findings { theme severity offline occurredAt receivedAt contextCount
    why { summary baseSeverity available steps { rule before after because } } }
  escalations { severity state notifications { role requestedAt deliveredAt } } } }"""


def _mails_about(school: School, reference: str) -> list[EmailMessage]:
    return [mail for mail in school.system.mails() if reference in mail["subject"]]


def _mail_to(school: School, role: str, reference: str) -> EmailMessage | None:
    mails = _mails_about(school, reference)
    return next((mail for mail in mails if mail["to"] == school.emails[role]), None)


def _offline_evening(now_ms: int) -> tuple[dict[str, Any], dict[str, Any]]:
    """What was done hours ago without a network, in the order of a spool that lost its order."""

    def then(minutes: int, text: str, kind: str = "text_typed") -> dict[str, Any]:
        at = now_ms - 5 * HOUR_MS + minutes * 60_000
        done = activity(ROBIN.login, text, kind=kind, offline=True)
        return done | {"occurred_at_ms": at}

    first = batch(then(0, BEFORE))
    second = batch(then(6, AFTER), then(3, CONCERN, "search"), then(9, FINALLY), then(2, BETWEEN))
    return first, second


def test_a_search_made_offline_is_answered_and_closed(school: School) -> None:
    school.plan(f"dsl={DSL_WAITS_S}s", f"deputy_dsl={DEPUTY_WAITS_S}s", "head=60s")
    now_ms = int(time.time() * 1000)
    first, second = _offline_evening(now_ms)
    for body in (first, second):
        assert school.post("laptop-1", body).status_code == 202

    opened = school.await_incident("harm_to_self")
    assert opened["severity"] >= 4
    assert opened["yearGroup"] == ROBIN.year
    case = school.ask(CASE, id=opened["id"])["incident"]
    finding = max(case["findings"], key=lambda one: one["severity"])
    assert finding["offline"] is True
    assert finding["occurredAt"] < finding["receivedAt"]
    assert finding["contextCount"] == 4
    assert finding["why"]["available"]
    assert finding["why"]["summary"]
    assert CONCERN not in str(case)
    assert ROBIN.name not in str(case)

    _is_escalated_until_acknowledged(school, opened)
    _is_revealed(school, opened["id"])
    _is_closed_and_counted(school, opened["id"])


def _is_escalated_until_acknowledged(school: School, incident: dict[str, Any]) -> None:
    reference = incident["reference"]
    told = eventually("the lead is mailed", lambda: _mail_to(school, "dsl", reference))
    text = told.as_string()
    for secret in (CONCERN, BETWEEN, ROBIN.given, ROBIN.family, ROBIN.login):
        assert secret not in text
    assert incident["id"] in text
    deputy = eventually("the deputy is mailed", lambda: _mail_to(school, "deputy_dsl", reference))
    assert deputy["message-id"] != told["message-id"]

    answer = "mutation($id: ID!) { acknowledge(incidentId: $id) { incident { state } } }"
    written = school.ask(answer, role="deputy_dsl", id=incident["id"])["acknowledge"]
    assert written["incident"]["state"] == "ACKNOWLEDGED"
    # Longer than the deputy's step would have waited before the head is told.
    time.sleep(DEPUTY_WAITS_S + 2)
    assert _mail_to(school, "head", reference) is None
    assert len(_mails_about(school, reference)) == 2


def _is_revealed(school: School, incident_id: str) -> None:
    shown = school.reveal(incident_id, "safeguarding_action")
    assert shown["personName"] == ROBIN.name
    found = next(f for f in shown["findings"] if f["activity"]["text"] == CONCERN)
    assert found["activity"]["kind"] == "search"
    # In the order in which it was typed, not in which it was posted.
    assert [one["text"] for one in found["context"]] == [BEFORE, BETWEEN, AFTER, FINALLY]
    times = [one["occurredAt"] for one in found["context"]]
    assert times == sorted(times)
    assert times[1] < found["activity"]["occurredAt"] < times[2]


def _is_closed_and_counted(school: School, incident_id: str) -> None:
    noted = school.ask(
        "mutation($id: ID!, $text: String!) { note(incidentId: $id, text: $text) { position } }",
        id=incident_id,
        text=NOTE,
    )
    assert noted["note"]["position"]
    closed = school.ask(
        """mutation($id: ID!) { close(incidentId: $id, outcome: "pastoral",
             rationale: "The pupil has support in place.") { position incident { state outcome } }
           }""",
        id=incident_id,
    )["close"]
    assert closed["incident"] == {"state": "CLOSED", "outcome": "pastoral"}
    assert NOTE in [note["text"] for note in school.reveal(incident_id)["notes"]]

    case = school.ask(CASE, id=incident_id)["incident"]
    kinds = [entry["kind"] for entry in case["timeline"]]
    assert kinds[:2] == ["opened", "finding_joined"]
    assert kinds[-5:] == ["acknowledged", "revealed", "noted", "closed", "revealed"]
    by_kind = {entry["kind"]: entry for entry in case["timeline"]}
    deputy = school.ask("{ me { userId } }", role="deputy_dsl")["me"]["userId"]
    lead = school.ask("{ me { userId } }")["me"]["userId"]
    assert by_kind["acknowledged"]["byUser"] == deputy
    assert by_kind["closed"]["byUser"] == lead
    assert by_kind["closed"]["detail"] == "pastoral"
    purposes = [e["detail"] for e in case["timeline"] if e["kind"] == "revealed"]
    assert purposes == ["safeguarding_action", "record_review"]
    (escalation,) = case["escalations"]
    assert escalation["state"] == "acknowledged"
    told = [(n["role"], bool(n["deliveredAt"])) for n in escalation["notifications"]]
    assert told == [("dsl", True), ("deputy_dsl", True)]
    first, second = (datetime.fromisoformat(n["requestedAt"]) for n in escalation["notifications"])
    assert second - first >= timedelta(seconds=DSL_WAITS_S)

    summary = school.ask(
        """query($after: String) { summary(afterPosition: $after) { incidents rows { theme severity
             yearGroup incidents acknowledged closed response { openedToNotifiedMs
             openedToAcknowledgedMs openedToClosedMs } } } }""",
        after=closed["position"],
    )["summary"]
    assert summary["incidents"] == 1
    (row,) = summary["rows"]
    assert (row["theme"], row["yearGroup"]) == (case["incident"]["theme"], ROBIN.year)
    assert (row["incidents"], row["acknowledged"], row["closed"]) == (1, 1, 1)
    waits = row["response"]
    assert 0 < waits["openedToNotifiedMs"] < waits["openedToAcknowledgedMs"]
    assert waits["openedToAcknowledgedMs"] < waits["openedToClosedMs"]
    _is_in_the_spreadsheet(school, row)


def _is_in_the_spreadsheet(school: School, row: dict[str, Any]) -> None:
    base = school.system.found_at["graphql"].removesuffix("/graphql")
    answer = httpx.get(
        f"{base}/v1/reports/summary.csv", headers=school.bearer("governor"), timeout=10
    )
    assert answer.headers["content-type"].startswith("text/csv")
    (line,) = csv.DictReader(io.StringIO(answer.text))
    assert line["theme"] == row["theme"]
    assert (line["incidents"], line["closed"]) == ("1", "1")
    assert line["opened_to_closed_ms"] == str(row["response"]["openedToClosedMs"])
    assert ROBIN.family not in answer.text
