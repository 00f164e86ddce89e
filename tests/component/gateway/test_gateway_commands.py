"""What is decided through the gateway."""

from typing import Any

import pytest

ACKNOWLEDGE = """mutation Acknowledge($id: ID!) {
  acknowledge(incidentId: $id) { position incident { state } }
}"""


async def test_a_decision_answers_with_its_position_and_what_it_made(
    start: Any, incidents: Any, system: Any, school: str, incident_view: Any
) -> None:
    incidents.put(school, incident_view("i-1"))
    gateway = await start()
    answered = await gateway.graphql(system.user_token(school, "dsl"), ACKNOWLEDGE, id="i-1")
    assert answered["data"]["acknowledge"] == {
        "position": "3:18",
        "incident": {"state": "ACKNOWLEDGED"},
    }
    assert incidents.asked[-1].after_position == "3:18"


async def test_a_conflict_has_its_code_and_slug(
    start: Any, incidents: Any, system: Any, school: str, incident_view: Any
) -> None:
    incidents.put(school, incident_view("i-1", state="closed"))
    gateway = await start()
    answered = await gateway.graphql(system.user_token(school, "dsl"), ACKNOWLEDGE, id="i-1")
    assert answered["data"] == {"acknowledge": None}
    (error,) = answered["errors"]
    assert error["message"] == "the incident is closed"
    assert error["extensions"] == {"code": "CONFLICT", "slug": "incident_closed"}


async def test_notes_and_closing(
    start: Any, incidents: Any, system: Any, school: str, incident_view: Any
) -> None:
    incidents.put(school, incident_view("i-1"))
    gateway = await start()
    answered = await gateway.graphql(
        system.user_token(school, "dsl"),
        """mutation {
          note(incidentId: "i-1", text: "Spoke to home.") { position }
          close(incidentId: "i-1", outcome: "pastoral", rationale: "Plan made.") {
            position incident { state }
          }
        }""",
    )
    assert answered["data"]["note"] == {"position": "3:19"}
    assert answered["data"]["close"] == {"position": "3:20", "incident": {"state": "CLOSED"}}
    assert incidents.asked[0].text == "Spoke to home."


async def test_only_a_reveal_shows_the_name_and_the_words(
    start: Any, incidents: Any, system: Any, school: str, incident_view: Any
) -> None:
    incidents.put(school, incident_view("i-1"))
    gateway = await start()
    answered = await gateway.graphql(
        system.user_token(school, "dsl"),
        """mutation {
          reveal(incidentId: "i-1", purpose: "triage") {
            personName position
            findings { findingId activity { text occurredAt } explanation { sentence } }
          }
        }""",
    )
    revealed = answered["data"]["reveal"]
    assert revealed["personName"] == "Sam Example"
    assert revealed["findings"][0]["activity"]["text"] == "the pupil's words"
    assert revealed["findings"][1] == {"findingId": "f-2", "activity": None, "explanation": None}


@pytest.mark.usefixtures("alerting")
async def test_the_plan_is_set(start: Any, system: Any, school: str) -> None:
    gateway = await start()
    answered = await gateway.graphql(
        system.user_token(school, "head"),
        """mutation {
          setPlan(plan: {minimumSeverity: 3, steps: [{role: "dsl", waitMs: 600000}]}) { position }
        }""",
    )
    assert answered["data"] == {"setPlan": {"position": "3:40"}}


async def test_text_that_is_not_unicode_is_the_clients_mistake(
    start: Any, system: Any, school: str
) -> None:
    gateway = await start()
    answered = await gateway.graphql(
        system.user_token(school, "dsl"),
        'mutation($t: String!) { note(incidentId: "i-1", text: $t) { position } }',
        t="\ud800",
    )
    assert answered["errors"][0]["extensions"] == {"code": "INVALID", "slug": "bad_text"}
