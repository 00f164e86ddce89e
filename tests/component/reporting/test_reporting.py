"""What reporting counts, told in messages and answers, on real servers."""

import asyncio
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest

from chassis.errors import ForbiddenError, InvalidError, TransientError
from contracts.alerting.v1.alerting_pb2 import NotificationDelivered
from contracts.directory.v1.states_pb2 import SchoolState
from contracts.incidents.v1.events_pb2 import (
    IncidentAcknowledged,
    IncidentClosed,
    IncidentNoted,
    IncidentOpened,
    SeverityRaised,
)
from contracts.reporting.v1.reporting_pb2 import GetSummaryResponse
from services.reporting.adapters.database import client, database
from services.reporting.adapters.facts import MongoFacts
from services.reporting.application.summary import summary
from services.reporting.domain.change import Change
from services.reporting.domain.position import Position
from services.reporting.settings import Settings

MONDAY = 1_794_787_200_000  # 2026-11-16T00:00:00Z
MINUTE = 60_000


def _opened(**changes: Any) -> IncidentOpened:
    given = {
        "incident_id": str(uuid4()),
        "theme": "bullying",
        "severity": 3,
        "year_group": 9,
        "opened_at_ms": MONDAY,
    }
    return IncidentOpened(**(given | changes))


def _delivered(incident: str, at_ms: int) -> NotificationDelivered:
    return NotificationDelivered(escalation_id=str(uuid4()), incident_id=incident, at_ms=at_ms)


def _notified(found: GetSummaryResponse) -> bool:
    return found.response.HasField("opened_to_notified_ms")


@pytest.fixture
def here(schools: Callable[[str], Any], school: str) -> Any:
    return schools(school)


async def test_a_story_is_counted_with_its_times(here: Any) -> None:
    first, second = _opened(), _opened()
    for incident, minutes in ((first, 2), (second, 4)):
        await here.say(incident)
        await here.say(_delivered(incident.incident_id, MONDAY + minutes * MINUTE))
    await here.say(_delivered(first.incident_id, MONDAY + 90 * MINUTE))  # a later step of the plan
    await here.say(IncidentAcknowledged(incident_id=first.incident_id, at_ms=MONDAY + 10 * MINUTE))
    at = await here.say(
        IncidentClosed(
            incident_id=first.incident_id, outcome="supported", at_ms=MONDAY + 60 * MINUTE
        )
    )
    await here.eventually(lambda s: s.response.opened_to_notified_ms == 3 * MINUTE)
    found = await here.summary(after_position=at)
    assert found.incidents == 2
    (row,) = found.rows
    assert (row.theme, row.severity, row.year_group, row.week) == ("bullying", 3, 9, "2026-W47")
    assert (row.incidents, row.acknowledged, row.closed) == (2, 1, 1)
    assert row.response == found.response
    assert row.response.opened_to_notified_ms == 3 * MINUTE
    assert row.response.opened_to_acknowledged_ms == 10 * MINUTE
    assert row.response.opened_to_closed_ms == 60 * MINUTE


async def test_a_write_is_seen_by_the_read_that_waits_for_it(here: Any) -> None:
    incident = _opened()
    assert (await here.summary(after_position=await here.say(incident))).incidents == 1
    noted = await here.say(IncidentNoted(incident_id=incident.incident_id))
    raised = SeverityRaised(incident_id=incident.incident_id, theme="self-harm", severity=5)
    assert (await here.summary(after_position=noted)).rows[0].severity == 3
    (row,) = (await here.summary(after_position=await here.say(raised))).rows
    assert (row.theme, row.severity, row.incidents) == ("self-harm", 5, 1)


async def test_what_comes_again_or_late_changes_nothing(here: Any) -> None:
    incident = _opened()
    first = await here.say(incident)
    number = int(first.split(":")[1])
    await here.say(SeverityRaised(incident_id=incident.incident_id, theme="x", severity=5))
    await here.say(incident, number=number, attempt=1)  # a relay that starts again
    late = _opened(incident_id=incident.incident_id, severity=1)
    await here.say(late, number=number, attempt=2)
    at = await here.say(IncidentNoted(incident_id=incident.incident_id))
    found = await here.summary(after_position=at)
    assert [(row.severity, row.incidents) for row in found.rows] == [(5, 1)]


async def test_an_alert_may_come_before_its_incident(here: Any) -> None:
    incident = _opened()
    await here.say(_delivered(incident.incident_id, MONDAY + MINUTE))
    await asyncio.sleep(0.3)
    assert (await here.summary()).incidents == 0
    await here.say(incident)
    found = await here.eventually(_notified)
    assert (found.incidents, found.response.opened_to_notified_ms) == (1, MINUTE)


async def test_schools_see_their_own_only(schools: Callable[[str], Any], school: str) -> None:
    ours, theirs = schools(school), schools(str(uuid4()))
    incident = _opened()
    await ours.say(incident)
    await theirs.say(_opened(theme="radicalisation"))
    # Another school says something about our incident: refused, and nobody waits for it.
    await theirs.say(
        IncidentClosed(incident_id=incident.incident_id, outcome="x", at_ms=MONDAY + 1)
    )
    at = await ours.say(IncidentNoted(incident_id=incident.incident_id))
    found, other = await ours.summary(after_position=at), await theirs.summary(after_position=at)
    assert [(row.theme, row.closed) for row in found.rows] == [("bullying", 0)]
    assert [(row.theme, row.closed) for row in other.rows] == [("radicalisation", 0)]


async def test_the_week_is_the_schools_own(here: Any) -> None:
    await here.say(SchoolState(school_id=here.id, time_zone="Atlantic/Azores"))
    await asyncio.sleep(0.3)
    at = await here.say(_opened(opened_at_ms=MONDAY + 30 * MINUTE))
    assert (await here.summary(after_position=at)).rows[0].week == "2026-W46"


async def test_a_period_is_from_and_before(here: Any) -> None:
    for minutes in (0, 10, 20):
        at = await here.say(_opened(opened_at_ms=MONDAY + minutes * MINUTE))
    period = {"from_ms": MONDAY + 10 * MINUTE, "before_ms": MONDAY + 20 * MINUTE}
    assert (await here.summary(after_position=at, **period)).incidents == 1
    assert (await here.summary(from_ms=period["from_ms"])).incidents == 2
    with pytest.raises(InvalidError, match="from_ms"):
        await here.summary(from_ms=2, before_ms=2)


async def test_what_is_not_known_is_left_open(here: Any) -> None:
    incident = _opened()
    incident.ClearField("year_group")
    found = await here.summary(after_position=await here.say(incident))
    assert not found.rows[0].HasField("year_group")
    assert not found.response.HasField("opened_to_closed_ms")
    assert not _notified(found)


async def test_figures_are_for_those_who_may_see_them(here: Any) -> None:
    assert (await here.summary(role="governor")).incidents == 0
    with pytest.raises(ForbiddenError):
        await here.summary(role="it")


async def test_a_position_that_does_not_come_is_waited_for_and_then_refused(here: Any) -> None:
    with pytest.raises(InvalidError):
        await here.summary(after_position="tomorrow")
    settings = Settings.load()
    connection = client(settings)
    facts = MongoFacts(database(connection, settings.mongodb_database))
    asked = {"from_ms": 0, "before_ms": 0, "now_ms": 1}
    with pytest.raises(TransientError, match="not up to date"):
        await summary(facts, here.id, after_position="62:999999999999", wait_s=0.2, **asked)
    await connection.close()


async def test_a_store_that_is_away_is_a_matter_of_time(here: Any) -> None:
    settings = Settings.load()
    nowhere = settings.model_copy(update={"mongodb_url": "mongodb://127.0.0.1:9/?replicaSet=rs0"})
    connection = client(nowhere)
    facts = MongoFacts(database(connection, settings.mongodb_database), within_s=0.2)
    change = Change(str(uuid4()), {"theme": "x"})
    with pytest.raises(TransientError):
        await facts.apply("INCIDENTS", Position(1, 1), None, here.id, change)
    with pytest.raises(TransientError):
        await facts.groups(here.id, 0, 0)
    await connection.close()


async def test_lost_messages_leave_a_trace(here: Any, system: Any) -> None:
    incident = _opened()
    number = int((await here.say(incident)).split(":")[1])
    # A number that no other test says again, so that the gap is this test's own.
    at = await here.say(IncidentNoted(incident_id=incident.incident_id), previous=number + 1)
    await here.summary(after_position=at)
    with system.mongo_as("reporting") as client:
        held = client["vigil_reporting"]["positions"].find_one({"_id": "INCIDENTS:63"})
    assert {"after": number, "up_to": number + 1} in held["lost"]
