"""From an incident to a person, and further up until somebody answers."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from contracts.incidents.v1 import events_pb2 as ie

STAFF = ("dsl", "deputy_dsl", "head")
HOUR = 3_600_000

Found = Callable[..., Awaitable[Any]]
pytestmark = pytest.mark.usefixtures("running")


async def test_the_dsl_is_told_without_a_name_and_an_answer_stops_the_climb(found: Found) -> None:
    stage = await found(*STAFF)
    await stage.plan(("dsl", 1_500), ("head", HOUR))
    incident, _ = await stage.opened()
    (mail,) = await stage.until(lambda: stage.mails("dsl"))
    await stage.say(ie.IncidentAcknowledged(incident_id=incident, by_user="u-1"))
    await stage.until(lambda: _state(stage, incident, "acknowledged"))

    assert mail["Subject"].startswith("Vigil: severe")
    assert mail["From"] == "vigil@vigil.example"
    assert mail["Auto-Submitted"] == "auto-generated"
    text = mail.get_content()
    assert f"https://vigil.example/incidents/{incident}" in text
    assert "Vigil tells the headteacher" in text
    for private in ("Helen", "Carrick", "Year", "year 9"):
        assert private not in mail.as_string()

    (view,) = await stage.escalations(incident)
    (told,) = view.notifications
    assert told.role == "dsl"
    assert told.delivered_at_ms >= told.requested_at_ms >= view.started_at_ms
    assert await stage.alerts() == [
        "EscalationStarted",
        "NotificationRequested",
        "NotificationDelivered",
        "EscalationAcknowledged",
    ]
    with pytest.raises(TimeoutError):
        await stage.until(lambda: stage.mails("head"), within_s=1.6)


async def test_without_an_answer_everybody_is_told_in_turn_and_the_end_is_said(
    found: Found, caplog: pytest.LogCaptureFixture
) -> None:
    stage = await found(*STAFF)
    await stage.plan(*((role, 1_000) for role in STAFF))
    incident, _ = await stage.opened()
    await stage.until(lambda: _state(stage, incident, "exhausted"))
    assert [len(stage.mails(role)) for role in STAFF] == [1, 1, 1]
    assert await stage.alerts() == [
        "EscalationStarted",
        *(["NotificationRequested", "NotificationDelivered"] * 3),
        "EscalationExhausted",
    ]
    assert "You are the last person" in stage.mails("head")[0].get_content()
    (view,) = await stage.escalations(incident)
    loud = [record for record in caplog.records if record.levelname == "ERROR"]
    assert any(view.escalation_id in record.getMessage() for record in loud)
    # Somebody answers after all.
    await stage.say(ie.IncidentAcknowledged(incident_id=incident, by_user="u-1"))
    await stage.until(lambda: _state(stage, incident, "acknowledged"))


async def test_a_role_with_nobody_is_left_out_and_with_nobody_at_all_it_is_exhausted_at_once(
    found: Found,
) -> None:
    nobody, stage = await found("it", "governor"), await found("head")
    await stage.hired("dsl", active=False)
    alone, _ = await nobody.opened()
    incident, _ = await stage.opened()
    await nobody.until(lambda: _state(nobody, alone, "exhausted"))
    await stage.until(lambda: stage.mails("head"))
    assert await nobody.alerts() == ["EscalationStarted", "EscalationExhausted"]
    assert await stage.states(incident) == {4: "running"}
    # That nobody answered stays true after the incident was closed.
    for one, closed in ((nobody, alone), (stage, incident)):
        await one.say(ie.IncidentClosed(incident_id=closed, by_user="u-1", outcome="x"))
    await stage.until(lambda: _state(stage, incident, "ended"))
    assert (await nobody.alerts())[-1] == "EscalationEnded"
    assert await nobody.states(alone) == {4: "exhausted"}


async def test_a_higher_severity_takes_over_and_a_lower_one_alerts_nobody(found: Found) -> None:
    stage = await found(*STAFF)
    incident, _ = await stage.opened(severity=2)
    for severity in (3, 5):
        await stage.say(
            ie.SeverityRaised(
                incident_id=incident, reference="VG-1", theme="suicide", severity=severity
            )
        )
    await stage.until(lambda: len(stage.mails("dsl")) == 2)
    assert await stage.states(incident) == {3: "ended", 5: "running"}
    assert "EscalationEnded" in await stage.alerts()
    await stage.say(ie.IncidentClosed(incident_id=incident, by_user="u-1", outcome="x"))
    await stage.until(lambda: _state(stage, incident, "ended", 5))


async def test_whatever_comes_again_tells_nobody_again(found: Found) -> None:
    stage = await found(*STAFF)
    opened = ie.IncidentOpened(incident_id="b7a2", reference="VG-2", theme="bullying", severity=3)
    acknowledged = ie.IncidentAcknowledged(incident_id="b7a2", by_user="u-1")
    raised = ie.SeverityRaised(incident_id="b7a2", reference="VG-2", theme="bullying", severity=4)
    said = [(message, await stage.say(message)) for message in (opened, acknowledged, raised)]
    await stage.until(lambda: _state(stage, "b7a2", "running"))
    for message, number in said:
        await stage.say(message, number)
    last, _ = await stage.opened()
    await stage.until(lambda: _state(stage, last, "running"))
    await stage.until(lambda: len({m["Subject"] for m in stage.mails("dsl")}) >= 2)
    # The old answer, coming again, did not silence the higher severity.
    assert await stage.states("b7a2") == {3: "acknowledged", 4: "running"}
    ids = [mail["Message-ID"] for mail in stage.mails("dsl")]
    assert len(ids) == len(set(ids))


async def _state(stage: Any, incident: str, state: str, severity: int = 0) -> bool:
    states: dict[int, str] = await stage.states(incident)
    return states.get(severity or max(states, default=0)) == state
