"""How did each incident go? One document an incident, from what incidents and alerting said."""

from typing import Any

from contracts.alerting.v1.alerting_pb2 import NotificationDelivered
from contracts.incidents.v1.events_pb2 import (
    IncidentAcknowledged,
    IncidentClosed,
    IncidentOpened,
    SeverityRaised,
)
from services.reporting.domain.change import Change


def opened(message: IncidentOpened, week: str) -> Change:
    """The incident counts from now on, in the week it was opened."""
    facts: dict[str, int | str] = {
        "theme": message.theme,
        "severity": message.severity,
        "opened_at_ms": message.opened_at_ms,
        "week": week,
    }
    if message.HasField("year_group"):
        facts["year_group"] = message.year_group
    return Change(message.incident_id, facts)


def raised(message: SeverityRaised) -> Change:
    """It counts under its gravest finding, as it stands in the inbox."""
    return Change(message.incident_id, {"theme": message.theme, "severity": message.severity})


def notified(message: NotificationDelivered) -> Change:
    """Somebody has been told; the first delivery is the one that counts."""
    return Change(message.incident_id, earliest={"notified_at_ms": message.at_ms})


def acknowledged(message: IncidentAcknowledged) -> Change:
    """Somebody has taken it on."""
    return Change(message.incident_id, earliest={"acknowledged_at_ms": message.at_ms})


def closed(message: IncidentClosed) -> Change:
    """It is dealt with."""
    return Change(message.incident_id, {"closed_at_ms": message.at_ms, "outcome": message.outcome})


def unchanged(message: Any) -> Change:
    """Said for others: nothing is counted, but its place in the stream is."""
    return Change(message.incident_id)
