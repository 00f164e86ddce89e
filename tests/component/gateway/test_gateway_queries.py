"""What a query shows, and how it is refused."""

from typing import Any

import pytest

from chassis.bus.answer import answer
from chassis.errors import TransientError
from contracts.capture.v1 import capture_pb2 as ca

INBOX = """query Inbox($after: String) {
  incidents(first: 2, after: $after) {
    totalCount
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    edges { cursor node { id incidentId state severity themes yearGroup openedAt closedAt } }
  }
}"""
CASE = """query Case($id: ID!) {
  incident(id: $id) {
    incident { incidentId reference }
    timeline { kind at byUser }
    findings { findingId confidence occurredAt why { summary available steps { rule } } }
    escalations { escalationId state endedAt notifications { step deliveredAt failure } }
  }
}"""


async def test_the_inbox_pages_as_a_connection(
    start: Any, incidents: Any, system: Any, school: str, incident_view: Any
) -> None:
    for number in range(3):
        incidents.put(school, incident_view(f"i-{number}"))
    gateway = await start()
    token = system.user_token(school, "dsl")

    page = (await gateway.graphql(token, INBOX))["data"]["incidents"]
    assert page["totalCount"] == 3
    assert page["pageInfo"] == {
        "hasNextPage": True,
        "hasPreviousPage": False,
        "startCursor": "1",
        "endCursor": "2",
    }
    assert page["edges"][0] == {
        "cursor": "1",
        "node": {
            "id": "i-0",
            "incidentId": "i-0",
            "state": "OPEN",
            "severity": 4,
            "themes": ["self_harm", "bullying"],
            "yearGroup": None,
            "openedAt": "2026-11-24T21:10:00+00:00",
            "closedAt": None,
        },
    }

    last = (await gateway.graphql(token, INBOX, after="2"))["data"]["incidents"]
    assert [edge["node"]["id"] for edge in last["edges"]] == ["i-2"]
    assert last["pageInfo"]["hasNextPage"] is False
    assert last["pageInfo"]["hasPreviousPage"] is True


async def test_filters_travel_and_what_is_not_given_stays_unset(
    start: Any, incidents: Any, system: Any, school: str
) -> None:
    gateway = await start()
    await gateway.graphql(
        system.user_token(school, "dsl"),
        """{ incidents(state: ACKNOWLEDGED, minimumSeverity: 3, afterPosition: "3:9",
             openedFrom: "2026-11-24T21:10:00Z") { totalCount } }""",
    )
    (asked,) = incidents.asked
    assert (asked.state, asked.minimum_severity, asked.first) == ("acknowledged", 3, 25)
    assert (asked.opened_from_ms, asked.after_position) == (1_795_554_600_000, "3:9")
    for unset in ("family", "theme", "year_group", "opened_before_ms"):
        assert not asked.HasField(unset)


@pytest.mark.usefixtures("alerting")
async def test_a_case_has_its_timeline_findings_and_escalations(
    start: Any, incidents: Any, system: Any, school: str, incident_view: Any
) -> None:
    incidents.put(school, incident_view("i-1"))
    gateway = await start()
    case = (await gateway.graphql(system.user_token(school, "head"), CASE, id="i-1"))["data"][
        "incident"
    ]
    assert case["incident"] == {"incidentId": "i-1", "reference": "2026-0001"}
    assert case["timeline"][0]["kind"] == "opened"
    assert case["timeline"][0]["byUser"] is None
    assert case["findings"][0]["why"] == {
        "summary": "A phrase of the theme.",
        "available": True,
        "steps": [],
    }
    assert case["findings"][1]["why"] is None
    assert case["escalations"][0]["state"] == "running"
    assert case["escalations"][0]["endedAt"] is None
    assert case["escalations"][0]["notifications"] == [
        {"step": 1, "deliveredAt": None, "failure": None}
    ]


async def test_another_schools_incident_is_not_there(
    start: Any, incidents: Any, system: Any, school: str, incident_view: Any
) -> None:
    incidents.put("another-school", incident_view("i-1"))
    gateway = await start()
    answered = await gateway.graphql(system.user_token(school, "dsl"), CASE, id="i-1")
    assert answered["data"] == {"incident": None}
    assert answered["errors"][0]["extensions"] == {
        "code": "NOT_FOUND",
        "slug": "no_such_incident",
    }
    assert answered["errors"][0]["path"] == ["incident"]


async def test_the_answering_service_refuses_a_role(
    start: Any, incidents: Any, system: Any, school: str
) -> None:
    gateway = await start()
    answered = await gateway.graphql(system.user_token(school, "governor"), INBOX)
    assert answered["errors"][0]["extensions"] == {"code": "FORBIDDEN", "slug": "forbidden"}
    assert not incidents.asked


@pytest.mark.usefixtures("alerting")
async def test_durations_beyond_32_bits_and_the_plan(start: Any, system: Any, school: str) -> None:
    gateway = await start()
    answered = await gateway.graphql(
        system.user_token(school, "governor"),
        "{ plan { isDefault plan { minimumSeverity steps { role waitMs } } } }",
    )
    assert answered["data"]["plan"] == {
        "isDefault": True,
        "plan": {"minimumSeverity": 3, "steps": [{"role": "dsl", "waitMs": 2_592_000_000}]},
    }


@pytest.mark.usefixtures("alerting")
async def test_one_service_that_fails_leaves_the_others_standing(
    start: Any, system: Any, school: str, bus_as: Any
) -> None:
    async def away(*_: Any) -> Any:
        raise TransientError("store_away", "the store is away; try again later")

    requests = (ca.ListCoverageRequest, ca.ContextAroundRequest)
    await answer(await bus_as("capture"), dict.fromkeys(requests, away))
    gateway = await start()
    answered = await gateway.graphql(
        system.user_token(school, "dsl"), "{ plan { isDefault } coverage { deviceId } }"
    )
    assert answered["data"] == {"plan": {"isDefault": True}, "coverage": None}
    assert answered["errors"][0]["extensions"] == {"code": "TRANSIENT", "slug": "store_away"}
