"""Which message is recorded as what.

Each message of both streams has its line, also where nothing is counted: a position that was not
written down would look like a loss, and who waits for it would wait in vain.
"""

from collections.abc import Callable, Mapping
from typing import Any

from chassis.bus.consume import Handle, Meta
from contracts.directory.v1.states_pb2 import SchoolState
from contracts.incidents.v1.events_pb2 import IncidentOpened
from services.reporting.application.ports import Facts
from services.reporting.application.record import record
from services.reporting.application.time_zones import TimeZones
from services.reporting.domain.change import Change
from services.reporting.domain.week import iso_week
from services.reporting.projections import incident_facts as project


def incidents(facts: Facts, zones: TimeZones) -> Mapping[str, Handle]:
    """Handlers of the consumer ``reporting-incidents``."""

    async def opened(message: IncidentOpened, meta: Meta) -> None:
        week = iso_week(message.opened_at_ms, zones.of(meta.tenant))
        await _record(facts, meta, project.opened(message, week))

    return {
        "incidents.IncidentOpened.v1": opened,
        "incidents.FindingJoined.v1": _recorder(facts, project.unchanged),
        "incidents.SeverityRaised.v1": _recorder(facts, project.raised),
        "incidents.IncidentAcknowledged.v1": _recorder(facts, project.acknowledged),
        "incidents.IncidentNoted.v1": _recorder(facts, project.unchanged),
        "incidents.IncidentRevealed.v1": _recorder(facts, project.unchanged),
        "incidents.IncidentClosed.v1": _recorder(facts, project.closed),
    }


def alerts(facts: Facts) -> Mapping[str, Handle]:
    """Handlers of the consumer ``reporting-alerts``."""
    return {
        "alerting.EscalationStarted.v1": _recorder(facts, project.unchanged),
        "alerting.NotificationRequested.v1": _recorder(facts, project.unchanged),
        "alerting.NotificationDelivered.v1": _recorder(facts, project.notified),
        "alerting.NotificationFailed.v1": _recorder(facts, project.unchanged),
        "alerting.EscalationAcknowledged.v1": _recorder(facts, project.unchanged),
        "alerting.EscalationExhausted.v1": _recorder(facts, project.unchanged),
        "alerting.EscalationEnded.v1": _recorder(facts, project.unchanged),
    }


def schools(zones: TimeZones) -> Callable[[object, Meta], Any]:
    """What following DIRECTORY does with a school's state."""

    async def learn(message: object, meta: Meta) -> None:
        if isinstance(message, SchoolState):
            zones.learn(meta.tenant, message)

    return learn


def _recorder(facts: Facts, change_of: Callable[[Any], Change]) -> Handle:
    async def handle(message: Any, meta: Meta) -> None:
        await _record(facts, meta, change_of(message))

    return handle


async def _record(facts: Facts, meta: Meta, change: Change) -> None:
    await record(facts, meta.stream, meta.position, meta.previous, meta.tenant, change)
