"""Mail servers that are away, slow or refuse: nobody is forgotten and nobody else waits."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from contracts.incidents.v1 import events_pb2 as ie

HOUR = 3_600_000

Found = Callable[..., Awaitable[Any]]
pytestmark = pytest.mark.usefixtures("running")


async def test_with_the_mail_server_away_the_plan_climbs_and_everybody_is_told_later(
    found: Found,
) -> None:
    stage, other = await found("dsl", "head"), await found("dsl")
    await stage.plan(("dsl", 1_000), ("head", HOUR))
    await stage.mailbox.close()
    incident, _ = await stage.opened()
    await stage.until(lambda: _requested(stage, incident, 2))
    # The consumer does not wait for the mail server: another school's messages are handled.
    meanwhile, _ = await other.opened()
    await other.say(ie.IncidentAcknowledged(incident_id=meanwhile, by_user="u-1"))
    await other.until(lambda: _state(other, meanwhile, "acknowledged"))

    await stage.mailbox.open()
    await stage.until(lambda: stage.mails("dsl") and stage.mails("head"))
    await stage.until(lambda: _count(stage, "NotificationDelivered", 2))
    assert "has been told as well" in stage.mails("dsl")[0].get_content()
    # Somebody answered before it could be sent, so it was not.
    assert other.mails("dsl") == []


async def test_one_silent_conversation_does_not_hold_up_another_school(found: Found) -> None:
    slow, quick = await found("dsl"), await found("dsl")
    slow.mailbox.holds[slow.address("dsl")] = held = asyncio.Event()
    await slow.opened()
    await slow.until(lambda: slow.address("dsl") in slow.mailbox.asked)
    await quick.opened()
    await quick.until(lambda: quick.mails("dsl"), within_s=3)
    assert slow.mails("dsl") == []
    held.set()
    await slow.until(lambda: slow.mails("dsl"))


async def test_a_recipient_refused_for_good_makes_way_for_the_next_at_once(found: Found) -> None:
    stage = await found("dsl", "deputy_dsl", "head")
    stage.mailbox.refuses[stage.address("dsl")] = f"550 no such user {stage.address('dsl')}"
    del stage.contacts[f"deputy-dsl-{stage.school}"]
    await stage.plan(*((role, HOUR) for role in ("dsl", "deputy_dsl", "head")))
    incident, _ = await stage.opened()
    await stage.until(lambda: stage.mails("head"))
    await stage.until(lambda: _count(stage, "NotificationDelivered", 1))
    assert await stage.alerts() == [
        "EscalationStarted",
        *(["NotificationRequested", "NotificationFailed"] * 2),
        "NotificationRequested",
        "NotificationDelivered",
    ]
    (view,) = await stage.escalations(incident)
    assert [told.failure for told in view.notifications] == [
        "the mail server refused the message for good (550)",
        "directory knows no contact of the user",
        "",
    ]


async def test_a_recipient_put_off_is_tried_again(found: Found) -> None:
    stage = await found("dsl", "head")
    stage.mailbox.refuses[stage.address("dsl")] = "451 come back later"
    await stage.plan(("dsl", HOUR), ("head", HOUR))
    await stage.opened()
    await stage.until(lambda: stage.address("dsl") in stage.mailbox.asked)
    del stage.mailbox.refuses[stage.address("dsl")]
    await stage.until(lambda: stage.mails("dsl"))
    assert stage.mails("head") == []


async def test_a_login_that_is_refused_is_no_fault_of_the_recipient(found: Found) -> None:
    stage = await found("dsl", "head")
    stage.mailbox.refuses[stage.address("dsl")] = "530 authentication required"
    await stage.plan(("dsl", HOUR), ("head", HOUR))
    incident, _ = await stage.opened()
    await stage.until(lambda: stage.mailbox.asked.count(stage.address("dsl")) == 2)
    await stage.say(ie.IncidentClosed(incident_id=incident, by_user="u-1", outcome="x"))
    await stage.until(lambda: _state(stage, incident, "ended"))
    assert "NotificationFailed" not in await stage.alerts()


async def _requested(stage: Any, incident: str, steps: int) -> bool:
    views = await stage.escalations(incident)
    return bool(views) and len(views[0].notifications) == steps


async def _state(stage: Any, incident: str, state: str) -> bool:
    states: dict[int, str] = await stage.states(incident)
    return state in states.values()


async def _count(stage: Any, name: str, number: int) -> bool:
    said: list[str] = await stage.alerts()
    return said.count(name) == number
