"""The same again, long after NATS has forgotten it: nothing is opened, found or counted twice.

NATS itself drops a message whose id it has seen in the last two minutes. To stand in for a device
that sends its spool again after a week, the window is made as short as it can be for a moment; all
else is the real way. The lasting guards are behind: the id of a finding, the incidents' fence, and
the position of each message in the stores of alerting and reporting.
"""

import time
from collections.abc import Iterator
from typing import Any

import pytest
from nats.js.client import JetStreamContext
from nats_access import as_role, await_idle, provision, stored
from school_under_test import School, activity
from small_roster import PUPILS, ROBIN
from subscribing import feed
from system_under_test import SystemUnderTest

from chassis.bus.bus import Bus
from contracts.registry import STREAMS

pytestmark = pytest.mark.e2e

SHORT_S = 0.1
"""The shortest window that nats-server takes."""

CASE = """query($id: ID!) { incident(id: $id) { incident { state severity findingCount }
    timeline { kind at } findings { findingId }
    escalations { escalationId notifications { step deliveredAt } } } }"""


@pytest.fixture
def forgetful(system: SystemUnderTest) -> Iterator[None]:
    """NATS's memory of message ids, shortened and then put back."""

    def window(seconds: float) -> None:
        async def change(js: JetStreamContext) -> None:
            for stream in STREAMS:
                config = (await js.stream_info(stream.name)).config
                config.duplicate_window = seconds
                await js.update_stream(config)

        provision(system, change)

    window(SHORT_S)
    time.sleep(5 * SHORT_S)
    yield
    window(120)


def _facts(school: School) -> dict[str, Any]:
    """Everything that must not change."""
    inbox = school.inbox()
    mails = [m for m in school.system.mails() if m["to"] in school.emails.values()]
    events = feed(school, quiet_s=1.5)
    return {
        "inbox": inbox,
        "cases": [school.ask(CASE, id=incident["id"]) for incident in inbox],
        "mails": sorted(mail["message-id"] for mail in mails),
        "summary": school.ask("{ summary { incidents rows { theme severity incidents } } }"),
        "feed": {event["id"] for event in events},
    }


def _size(system: SystemUnderTest, stream: str, subject: str) -> int:
    return len(stored(system, stream, subject))


def test_a_batch_sent_again_at_once_is_known(school: School) -> None:
    sent = school.report("laptop-1", activity(PUPILS[1].login, "shall we revise together"))
    again = school.post("laptop-1", sent)
    assert (again.status_code, again.json()) == (202, {"accepted": 1, "duplicate": True})


def test_a_batch_sent_again_much_later_changes_nothing(
    system: SystemUnderTest, school: School, request: pytest.FixtureRequest
) -> None:
    sent = school.report(
        "laptop-1",
        activity(ROBIN.login, "self harm tips without anyone knowing"),
        activity(ROBIN.login, "i will kill myself tomorrow"),
        activity(ROBIN.login, "shall we revise together"),
    )
    await_idle(system)
    before = _facts(school)
    assert len(before["inbox"]) == 1
    assert before["inbox"][0]["findingCount"] >= 2
    assert len(before["mails"]) >= 1

    request.getfixturevalue("forgetful")
    batches, findings = f"activity.{school.id}.>", f"findings.*.{school.id}.>"
    size = _size(system, "ACTIVITY", batches), _size(system, "FINDINGS", findings)
    again = school.post("laptop-1", sent)
    assert again.json() == {"accepted": 3, "duplicate": False}
    await_idle(system)
    # It did get past NATS, to evaluation and to incidents: what held was behind.
    assert _size(system, "ACTIVITY", batches) == size[0] + 1
    assert _size(system, "FINDINGS", findings) == size[1] + before["inbox"][0]["findingCount"]
    assert _facts(school) == before


def test_what_incidents_and_alerting_say_again_much_later_changes_nothing(
    system: SystemUnderTest, school: School, request: pytest.FixtureRequest
) -> None:
    """A relay that lost its place publishes again, under the same ids and positions."""
    before = _facts(school)
    request.getfixturevalue("forgetful")
    for role, stream in (("incidents", "INCIDENTS"), ("alerting", "ALERTS")):
        said = stored(system, stream, f"{stream.lower()}.{school.id}.>")
        assert said

        async def say_again(bus: Bus, said: Any = said) -> None:
            for message in said:
                covered = {
                    name: value
                    for name, value in message.headers.items()
                    if name.startswith("Vigil-") or name == "Nats-Msg-Id"
                }
                assert not (await bus.publish_raw(message.subject, message.data, covered)).duplicate

        as_role(system, role, say_again)
    await_idle(system)
    assert _facts(school) == before
