"""A role that has been taken over: nothing that it forges is believed by anybody.

NATS permissions do not bind reply subjects, so evaluation's user can have the server carry
messages into streams that it may not write. Each way is tried; what got in has to end in ``DEAD``.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from nats.aio.client import Client
from nats_access import StoredMessage, as_user, backlog, stored
from school_under_test import School, activity
from small_roster import ROBIN
from system_under_test import ROLES, SystemUnderTest
from waiting import eventually

from contracts.common.v1.common_pb2 import DeadLetter
from contracts.incidents.v1.events_pb2 import IncidentAcknowledged

pytestmark = pytest.mark.e2e

Attack = Callable[[Client, str], Awaitable[None]]
CASE = """query($id: ID!) { incident(id: $id) { incident { state findingCount severity }
    timeline { kind } escalations { state } } }"""


@pytest.fixture(scope="module")
def incident(school: School) -> dict[str, Any]:
    school.report("laptop-1", activity(ROBIN.login, "i want to kill myself tonight"))
    found = school.await_incident("harm_to_self")

    def told() -> bool:
        case = school.ask(CASE, id=found["id"])["incident"]
        return bool(case["escalations"])

    eventually("the escalation runs", told)
    return found


def _forged(incident_id: str) -> bytes:
    return IncidentAcknowledged(incident_id=incident_id, by_user="nobody").SerializeToString()


async def _directly(client: Client, target: str) -> None:
    await client.publish(target, _forged(target.rsplit(".", 1)[1]))


async def _by_the_acknowledgement(client: Client, target: str) -> None:
    """JetStream's acknowledgement of a publish goes to the reply subject."""
    school = target.split(".")[1]
    await client.publish(f"findings.0.{school}.nobody", b"forged", reply=target)


async def _by_pulling(client: Client, target: str) -> None:
    """What is pulled is delivered to the reply subject."""
    asked = {"batch": 1, "expires": 5_000_000_000}
    for _ in range(PULLS):
        subject = "$JS.API.CONSUMER.MSG.NEXT.ACTIVITY.evaluation"
        await client.publish(subject, json.dumps(asked).encode(), reply=target)


async def _by_a_consumer(client: Client, target: str) -> None:
    """A consumer delivers wherever its maker says."""
    wanted = {
        "stream_name": "DIRECTORY",
        "config": {
            "deliver_subject": target,
            "deliver_policy": "all",
            "ack_policy": "none",
            "filter_subject": "directory.*.school.*",
            "inactive_threshold": 5_000_000_000,
        },
    }
    made = await client.request(
        "$JS.API.CONSUMER.CREATE.DIRECTORY", json.dumps(wanted).encode(), timeout=2
    )
    assert json.loads(made.data)["config"]["deliver_subject"] == target


async def _by_an_answer(client: Client, target: str) -> None:
    """Who answers a request publishes to its reply subject."""
    await client.publish("ask.directory.KeyById", b"", reply=target)


PULLS = 3
ATTACKS: dict[str, Attack] = {
    "directly": _directly,
    "by the acknowledgement": _by_the_acknowledgement,
    "by pulling": _by_pulling,
    "by a consumer": _by_a_consumer,
    "by an answer": _by_an_answer,
}


def _reasons(system: SystemUnderTest, stream: str, sequence: int) -> dict[str, str]:
    """Why each consumer put a message into ``DEAD``."""
    letters = (DeadLetter.FromString(message.data) for message in stored(system, "DEAD"))
    return {
        letter.consumer: letter.reason
        for letter in letters
        if (letter.stream, letter.sequence) == (stream, sequence)
    }


ENTERS = {"by the acknowledgement"}
"""The ways by which something reaches the stream; in the others NATS itself carries nothing."""

HEARING = {"alerting-incidents", "reporting-incidents", "feed-incidents"}


@pytest.mark.parametrize("way", ATTACKS)
def test_nothing_that_evaluation_forges_is_believed(
    system: SystemUnderTest, school: School, incident: dict[str, Any], way: str
) -> None:
    before = school.ask(CASE, id=incident["id"])
    counted = school.ask("{ summary { rows { incidents acknowledged } } }")
    target = f"incidents.{school.id}.{incident['id']}"
    known = {message.sequence for message in stored(system, "INCIDENTS")}

    async def attack(client: Client) -> None:
        await ATTACKS[way](client, target)
        await client.flush()
        await asyncio.sleep(0.5)

    as_user(system, "evaluation", attack)
    # Something to carry, for the way that needs it.
    for _ in range(PULLS + 1):
        school.report("laptop-2", activity(ROBIN.login, "shall we revise together"))
    if way == "by pulling":
        # Evaluation has not seen them: they went where the attacker said.
        assert backlog(system)["evaluation"] >= 1
    eventually("all roles are ready", lambda: all(map(system.is_ready, ROLES)), within_s=10)

    entered = [m for m in stored(system, "INCIDENTS") if m.sequence not in known]
    assert bool(entered) == (way in ENTERS)
    _are_buried(system, entered)
    assert school.ask(CASE, id=incident["id"]) == before
    assert school.ask("{ summary { rows { incidents acknowledged } } }") == counted


def _are_buried(system: SystemUnderTest, entered: list[StoredMessage]) -> None:
    for message in entered:

        def refused(sequence: int = message.sequence) -> dict[str, str] | None:
            reasons = _reasons(system, "INCIDENTS", sequence)
            return reasons if reasons.keys() >= HEARING else None

        reasons = eventually(f"{HEARING} have refused INCIDENTS:{message.sequence}", refused)
        assert set(reasons.values()) == {"the header Vigil-Type is missing"}


def test_a_finding_that_is_not_signed_is_put_into_dead(
    system: SystemUnderTest, school: School, incident: dict[str, Any]
) -> None:
    """Evaluation may publish findings; what is not signed by its key is still not believed."""
    before = school.ask(CASE, id=incident["id"])
    subject = f"findings.0.{school.id}.nobody"

    async def attack(client: Client) -> None:
        headers = {"Vigil-Type": "evaluation.Finding.v1", "Vigil-School": school.id}
        await client.jetstream().publish(subject, b"", headers=headers)

    as_user(system, "evaluation", attack)
    forged = stored(system, "FINDINGS", subject)[-1].sequence
    reasons = eventually("it is in DEAD", lambda: _reasons(system, "FINDINGS", forged))
    assert list(reasons.values()) == [
        "evaluation.Finding.v1 is not signed by a role that may say it"
    ]
    assert school.ask(CASE, id=incident["id"]) == before
