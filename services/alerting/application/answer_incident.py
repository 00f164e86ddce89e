"""Somebody acknowledged or closed an incident: its escalations stop."""

from dataclasses import dataclass
from datetime import datetime

from services.alerting.application.outcome import Alerting, Outcome, escalations_of, save
from services.alerting.domain.position import Position


@dataclass(frozen=True, slots=True)
class AcknowledgeIncident:
    """``by`` answered, as incidents said at ``position``."""

    tenant: str
    incident_id: str
    by: str
    position: Position
    at: datetime


@dataclass(frozen=True, slots=True)
class CloseIncident:
    """The incident was closed, as incidents said at ``position``."""

    tenant: str
    incident_id: str
    position: Position
    at: datetime


def answer_incident(app: Alerting, command: AcknowledgeIncident | CloseIncident) -> Outcome:
    """Stop every escalation of the incident that began before this was said."""
    known = list(escalations_of(app, command.tenant, command.incident_id).values())
    if not known:
        return Outcome("the incident has no escalation")
    verdicts = [
        one.acknowledge(command.by, command.position, command.at)
        if isinstance(command, AcknowledgeIncident)
        else one.close(command.position, command.at)
        for one in known
    ]
    changed = [one for one, verdict in zip(known, verdicts, strict=True) if verdict.changed]
    untouched = [one for one, verdict in zip(known, verdicts, strict=True) if not verdict.changed]
    said = "; ".join(
        f"severity {one.severity}: {verdict.why}"
        for one, verdict in zip(known, verdicts, strict=True)
    )
    return save(app, said, changed, owing=untouched)
