"""An incident as a row of the inbox, folded from its events: for the view and for the case."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from contracts.incidents.v1.views_pb2 import IncidentView
from services.policy.incidents.domain.identifiers import reference
from services.policy.incidents.domain.incident import ACKNOWLEDGED, CLOSED, OPEN, Incident


def ms(at: datetime) -> int:
    """Milliseconds since the epoch."""
    return round(at.timestamp() * 1000)


def opened(event: Incident.Created) -> IncidentView:
    """The row of an incident that has just been opened."""
    view = IncidentView(
        incident_id=str(event.originator_id),
        reference=reference(UUID(str(event.originator_id))),
        person_id=event.person_id,
        family=event.family,
        theme=event.theme,
        severity=event.severity,
        state=OPEN,
        opened_at_ms=ms(event.timestamp),
    )
    if event.year_group is not None:
        view.year_group = event.year_group
    return view


def advance(view: IncidentView, event: object) -> None:
    """Change the row by one event after the first."""
    if isinstance(event, Incident.FindingJoined):
        view.finding_count += 1
        view.last_finding_at_ms = ms(event.timestamp)
        if event.finding["theme"] not in view.themes:
            view.themes.append(event.finding["theme"])
    elif isinstance(event, Incident.SeverityRaised):
        view.severity, view.theme = event.severity, event.theme
        view.state = OPEN
    elif isinstance(event, Incident.Acknowledged):
        view.state = ACKNOWLEDGED
        if not view.HasField("acknowledged_at_ms"):
            view.acknowledged_at_ms = ms(event.timestamp)
            view.acknowledged_by = event.by_user
    elif isinstance(event, Incident.Closed):
        view.state = CLOSED
        view.closed_at_ms = ms(event.timestamp)
        view.closed_by, view.outcome = event.by_user, event.outcome


def fold(events: Iterable[object]) -> IncidentView:
    """The row after ``events``, the first of which opened the incident."""
    view = IncidentView()
    for event in events:
        if isinstance(event, Incident.Created):
            view = opened(event)
        else:
            advance(view, event)
    return view
