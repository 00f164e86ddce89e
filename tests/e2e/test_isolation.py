"""Two schools in one system: neither has anything of the other, by any door there is."""

from typing import Any

import httpx
import pytest
from mongo_access import DATABASES, STORING, UNAUTHORIZED, mongo_as
from pymongo.errors import OperationFailure
from school_under_test import School, activity, batch
from small_roster import ROBIN
from subscribing import feed, subscribed
from system_under_test import SystemUnderTest

pytestmark = pytest.mark.e2e

CONCERN = "i want to kill myself tonight"
CASE_ROLES = ("dsl", "deputy_dsl", "head")
OTHERS = ("it", "governor", "integrator")

DECISIONS = {
    "acknowledge": "mutation($id: ID!) { acknowledge(incidentId: $id) { position } }",
    "note": 'mutation($id: ID!) { note(incidentId: $id, text: "x") { position } }',
    "close": """mutation($id: ID!) { close(incidentId: $id, outcome: "pastoral", rationale: "x")
        { position } }""",
    "reveal": """mutation($id: ID!) { reveal(incidentId: $id, purpose: "triage")
        { personName position } }""",
}
CASE = """query($id: ID!, $after: String) { incident(id: $id, afterPosition: $after) {
    incident { id reference } timeline { kind } escalations { escalationId } } }"""


@pytest.fixture(scope="module")
def other(system: SystemUnderTest, tmp_path_factory: pytest.TempPathFactory) -> School:
    """A second school whose pupils have the same logins and whose laptops have the same names."""
    return School.create(system, "hillside", tmp_path_factory.mktemp("hillside"))


@pytest.fixture(scope="module")
def incident(school: School) -> dict[str, Any]:
    """The first school's incident."""
    school.report("laptop-1", activity(ROBIN.login, CONCERN))
    return school.await_incident("harm_to_self")


def _codes(answer: dict[str, Any]) -> set[str]:
    return {error["extensions"]["code"] for error in answer.get("errors", ())}


@pytest.mark.parametrize("role", CASE_ROLES)
def test_queries_show_nothing_of_the_other_school(
    school: School, other: School, incident: dict[str, Any], role: str
) -> None:
    assert other.inbox(role) == []
    for after in (None, ""):
        answer = other.graphql(role, CASE, id=incident["id"], after=after)
        assert answer["data"] == {"incident": None}
        assert _codes(answer) == {"NOT_FOUND"}
    assert other.ask("{ summary { incidents rows { theme } } }", role=role)["summary"] == {
        "incidents": 0,
        "rows": [],
    }
    here = {d["deviceId"] for d in other.ask("{ coverage { deviceId } }", role=role)["coverage"]}
    assert here == {device["device_id"] for device in other.devices.values()}
    assert other.ask("{ me { schoolId } }", role=role)["me"]["schoolId"] == other.id
    assert len(school.inbox()) == 1


@pytest.mark.parametrize("role", OTHERS)
def test_roles_without_cases_get_nothing_either(
    other: School, incident: dict[str, Any], role: str
) -> None:
    inbox = other.graphql(role, "{ incidents { totalCount } }")
    assert (inbox["data"], _codes(inbox)) == ({"incidents": None}, {"FORBIDDEN"})
    case = other.graphql(role, CASE, id=incident["id"])
    assert (case["data"], _codes(case)) == ({"incident": None}, {"FORBIDDEN"})


@pytest.mark.parametrize("role", [*CASE_ROLES, *OTHERS])
def test_no_decision_reaches_the_other_school(
    school: School, other: School, incident: dict[str, Any], role: str
) -> None:
    before = school.ask(CASE, id=incident["id"])
    for name, mutation in DECISIONS.items():
        answer = other.graphql(role, mutation, id=incident["id"])
        assert answer["data"] == {name: None}
        assert _codes(answer) == {"NOT_FOUND" if role in CASE_ROLES else "FORBIDDEN"}
    assert school.ask(CASE, id=incident["id"]) == before


def test_settings_are_each_schools_own(school: School, other: School) -> None:
    query = "{ plan { isDefault plan { minimumSeverity } } policy { version minimumSeverity } }"
    before = school.ask(query, role="head")
    other.ask(
        """mutation { setPlan(plan: { steps: [{ role: "head", waitMs: 60000 }],
             minimumSeverity: 5 }) { position }
           publishPolicy(staffEnabled: true, minimumSeverity: 4, reason: "trial") { position } }""",
        role="head",
    )
    assert school.ask(query, role="head") == before
    # The laptop of the same name in the first school keeps its token.
    other.ask('mutation { enrolDevice(name: "laptop-2", kind: "laptop") { token } }', role="it")
    assert school.post("laptop-2", batch(activity(ROBIN.login, "hello"))).status_code == 202
    assert other.post("laptop-2", batch(activity(ROBIN.login, "hello"))).status_code == 401


def test_what_is_pushed_stays_in_the_school(school: School, other: School) -> None:
    with subscribed(school) as own, subscribed(other) as foreign:
        school.report("laptop-1", activity(ROBIN.login, "i will kill myself tomorrow"))
        assert own.next()["incident"]["family"] == "harm_to_self"
        assert foreign.stays_silent(2)
    assert {event["type"] for event in feed(school)} >= {"incident.opened", "alert.delivered"}
    assert feed(other) == []


def test_the_spreadsheet_of_the_other_school_is_empty(school: School, other: School) -> None:
    base = school.system.found_at["graphql"].removesuffix("/graphql")
    rows = {}
    for one in (school, other):
        answer = httpx.get(f"{base}/v1/reports/summary.csv", headers=one.bearer("head"))
        rows[one.slug] = len(answer.text.splitlines()) - 1
    assert rows == {school.slug: 1, other.slug: 0}


def test_a_token_of_another_schools_device_is_refused(school: School, other: School) -> None:
    claimed = other.devices["laptop-1"]["device_id"]
    sent = batch(activity(ROBIN.login, CONCERN))
    answer = school.post("laptop-1", sent, **{"vigil-device": claimed})
    assert (answer.status_code, answer.json()["code"]) == (403, "other_device")
    own = school.devices["laptop-1"]["device_id"]
    assert school.post("laptop-1", sent, **{"vigil-device": own}).status_code == 202


def test_the_same_login_in_two_schools_is_two_people(school: School, other: School) -> None:
    other.report("laptop-1", activity(ROBIN.login, CONCERN))
    there = other.await_incident("harm_to_self")
    (here,) = school.inbox()
    assert there["personId"] != here["personId"]
    assert there["id"] != here["id"]


@pytest.mark.parametrize("role", STORING)
def test_a_role_reads_and_writes_its_own_database_alone(system: SystemUnderTest, role: str) -> None:
    with mongo_as(system, role) as client:
        own = client[DATABASES[role]]
        assert own.list_collection_names()
        for foreign in (*(name for r, name in DATABASES.items() if r != role), "admin", "local"):
            rows = client[foreign]["events"]
            for attempt in (
                client[foreign].list_collection_names,
                rows.find_one,
                lambda rows=rows: rows.insert_one({}),
                lambda rows=rows: rows.delete_many({}),
            ):
                with pytest.raises(OperationFailure) as refused:
                    attempt()
                assert refused.value.code == UNAUTHORIZED
