"""What is wrong is refused with a reason; what is away is said to be away, and nothing is lost."""

import csv
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from nats_access import as_role, stored
from school_under_test import School, activity, batch
from small_roster import PUPILS, ROBIN
from system_under_test import ROLES, SystemUnderTest
from waiting import eventually

from chassis.bus.bus import Bus
from contracts.activity import MAX_ACTIVITIES, MAX_BODY_BYTES
from contracts.common.v1.common_pb2 import DeadLetter

pytestmark = pytest.mark.e2e

Change = Callable[[list[dict[str, Any]]], object]

HARMLESS = "shall we revise together"
FAULTS: dict[str, tuple[Change, int | None, str]] = {
    "no text of a kind": (lambda a: a[1].update(kind="telepathy"), 1, "kind"),
    "a time that is a word": (lambda a: a[2].update(occurred_at_ms="noon"), 2, "occurred_at_ms"),
    "a time far ahead": (
        lambda a: a[0].update(occurred_at_ms=4_000_000_000_000),
        0,
        "occurred_at_ms",
    ),
    "a field nobody knows": (lambda a: a[2].update(mood="sad"), 2, "mood"),
    "no login": (lambda a: a[1].pop("login"), 1, "login"),
    "a second identity": (lambda a: a[2].update(login="somebody.else"), 2, "login"),
    "an id twice": (lambda a: a[2].update(id=a[0]["id"]), 2, "id"),
    "a text too long": (lambda a: a[1].update(text="x" * 40_000), 1, "text"),
    "nothing at all": (lambda a: a.clear(), None, "activities"),
}


def _batches_of(system: SystemUnderTest, school: School) -> int:
    return len(stored(system, "ACTIVITY", f"activity.{school.id}.>"))


@pytest.mark.parametrize("fault", FAULTS)
def test_one_fault_refuses_the_whole_batch_and_names_its_place(
    system: SystemUnderTest, school: School, fault: str
) -> None:
    change, index, field = FAULTS[fault]
    sent = batch(*(activity(ROBIN.login, HARMLESS) for _ in range(3)))
    change(sent["activities"])
    before = _batches_of(system, school)
    answer = school.post("laptop-1", sent)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    said = answer.json()
    assert (said["code"], said["index"], said["field"]) == ("invalid_batch", index, field)
    assert HARMLESS not in answer.text
    assert _batches_of(system, school) == before


def test_too_much_is_refused(system: SystemUnderTest, school: School) -> None:
    before = _batches_of(system, school)
    many = batch(*(activity(ROBIN.login, HARMLESS) for _ in range(MAX_ACTIVITIES + 1)))
    assert school.post("laptop-1", many).status_code == 422
    large = school.post("laptop-1", b" " * (MAX_BODY_BYTES + 1))
    assert (large.status_code, large.json()["code"]) == (413, "body_too_large")
    assert school.post("laptop-1", b"\xff not JSON").status_code == 422
    assert _batches_of(system, school) == before


def test_who_is_not_known_is_refused(system: SystemUnderTest, school: School) -> None:
    url = f"{system.found_at['capture']}/v1/activities"
    sent = batch(activity(ROBIN.login, HARMLESS))
    for headers in ({}, {"authorization": "Bearer nonsense"}, {"authorization": "Basic eDp5"}):
        answer = httpx.post(url, json=sent, headers=headers)
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"] == "Bearer"
    other = school.devices["laptop-2"]["device_id"]
    refused = school.post("laptop-1", sent, **{"vigil-device": other})
    assert (refused.status_code, refused.json()["code"]) == (403, "other_device")


def test_a_message_of_an_unknown_type_ends_in_dead(system: SystemUnderTest, school: School) -> None:
    device = school.devices["laptop-1"]["device_id"]

    async def publish(bus: Bus) -> int:
        headers = {"Vigil-Type": "capture.Telepathy.v9", "Vigil-School": school.id}
        headers["Nats-Msg-Id"] = "telepathy-1"
        return (await bus.publish_raw(f"activity.{school.id}.{device}", b"x", headers)).sequence

    sequence = as_role(system, "capture", publish)

    def reason() -> str | None:
        letters = (DeadLetter.FromString(m.data) for m in stored(system, "DEAD"))
        return next((one.reason for one in letters if one.sequence == sequence), None)

    assert eventually("it is in DEAD", reason) == "unknown message type capture.Telepathy.v9"


@contextmanager
def _away(system: SystemUnderTest, name: str) -> Iterator[None]:
    """Something that hangs: it holds its connections and answers nothing."""
    system.signal(name, signal.SIGSTOP)
    try:
        yield
    finally:
        system.signal(name, signal.SIGCONT)


@pytest.mark.parametrize("away", ["nats", "directory"])
def test_what_is_away_is_said_and_the_batch_is_taken_afterwards(
    system: SystemUnderTest, school: School, away: str
) -> None:
    # Capture remembers keys for a minute: a login not seen before needs directory.
    login = ROBIN.login if away == "nats" else PUPILS[1].login
    sent = batch(activity(login, HARMLESS))
    school.report("laptop-2", activity(ROBIN.login, HARMLESS))
    before = _batches_of(system, school)
    with _away(system, away):
        refused = school.post("laptop-1", sent)
        assert refused.status_code == 503
        assert int(refused.headers["retry-after"]) > 0
        assert refused.json()["code"] in ("nats_away", "no_answer")
    eventually("all roles are ready", lambda: all(map(system.is_ready, ROLES)))

    def accepted() -> bool:
        return school.post("laptop-1", sent).status_code == 202

    eventually("the same batch is accepted", accepted)
    assert _batches_of(system, school) == before + 1


SET_PLAN = """mutation { setPlan(plan: { steps: [{ role: "dsl", waitMs: 9000 }],
    minimumSeverity: 3 }) { position } }"""
MISTAKES = [
    ("dsl", "{ nonsense }", "INVALID"),
    ("dsl", "{ incidents(first: 1000) { totalCount } }", "INVALID"),
    ("dsl", '{ incidents(after: "x") { totalCount } }', "INVALID"),
    ("dsl", '{ incident(id: "none") { incident { id } } }', "NOT_FOUND"),
    ("governor", "{ incidents { totalCount } }", "FORBIDDEN"),
    ("integrator", "{ summary { incidents } }", "FORBIDDEN"),
    ("dsl", 'mutation { reveal(incidentId: "none", purpose: "triage") { position } }', "NOT_FOUND"),
    (
        "head",
        SET_PLAN.replace("dsl", "cook"),
        "INVALID",
    ),
    (
        "dsl",
        SET_PLAN,
        "FORBIDDEN",
    ),
]


@pytest.mark.parametrize(("role", "query", "code"), MISTAKES)
def test_errors_of_graphql_have_stable_codes(
    school: School, role: str, query: str, code: str
) -> None:
    (error,) = school.graphql(role, query)["errors"]
    assert error["extensions"]["code"] == code
    assert error["extensions"]["slug"]


def test_who_does_not_sign_in_gets_no_graphql(system: SystemUnderTest) -> None:
    for headers in ({}, {"authorization": "Bearer x.y.z"}):
        answer = httpx.post(
            system.found_at["graphql"], json={"query": "{ me { name } }"}, headers=headers
        )
        assert answer.status_code == 401
        assert answer.headers["content-type"] == "application/problem+json"


def test_what_was_decided_is_not_decided_again(school: School) -> None:
    school.report("laptop-1", activity(ROBIN.login, "i want to kill myself tonight"))
    found = school.await_incident("harm_to_self")
    close = """mutation($id: ID!, $outcome: String!) {
        close(incidentId: $id, outcome: $outcome, rationale: "x") { position } }"""

    def code(outcome: str) -> str | None:
        errors = school.graphql("dsl", close, id=found["id"], outcome=outcome).get("errors")
        return errors[0]["extensions"]["code"] if errors else None

    assert code("forgotten") == "INVALID"
    assert code("pastoral") is None
    assert code("pastoral") == "CONFLICT"


def test_a_roster_with_errors_is_imported_but_for_them(
    system: SystemUnderTest, demo: Path, tmp_path: Path
) -> None:
    system.vigil("school", "create", "Faulty", "--slug", "faulty")
    errors = tmp_path / "errors.csv"
    said = system.vigil(
        *("roster", "import", str(demo / "roster_with_errors.zip"), "--school", "faulty"),
        *("--errors", str(errors)),
        code=1,
    )
    with errors.open(newline="") as text:
        rows = list(csv.DictReader(text))
    assert len(rows) > 15
    assert all(int(row["line"]) > 1 and row["reason"] for row in rows)
    assert {row["file"] for row in rows} == {"users.csv", "classes.csv", "enrollments.csv"}
    (school,) = (s for s in system.vigil_json("school", "list") if s["slug"] == "faulty")
    assert school["people"] > 0
    assert f"{school['people']} people created" in said


def test_a_file_that_is_no_roster_is_said_to_be_none(
    system: SystemUnderTest, tmp_path: Path
) -> None:
    nothing = tmp_path / "roster.zip"
    nothing.write_text("no zip")
    refused = system.run("roster", "import", str(nothing), "--school", "faulty")
    assert refused.returncode == 2
    assert refused.stderr.startswith("Error: ")
    assert "Traceback" not in refused.stderr
