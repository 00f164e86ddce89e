"""Private events of an incident to contract messages. Slots and fences stay private."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from google.protobuf.message import Message

from chassis.store.batches import DomainEvent
from chassis.store.relay import Publication
from chassis.tenancy import subject
from contracts.incidents.v1 import events_pb2 as pb
from contracts.registry import REGISTRY
from services.policy.incidents.domain.identifiers import reference
from services.policy.incidents.domain.incident import Incident
from services.policy.incidents.projections.incident_view import ms


def _opened(e: Incident.Created) -> pb.IncidentOpened:
    message = pb.IncidentOpened(
        incident_id=str(e.originator_id),
        reference=reference(UUID(str(e.originator_id))),
        person_id=e.person_id,
        family=e.family,
        theme=e.theme,
        severity=e.severity,
        opened_at_ms=ms(e.timestamp),
        occurred_at_ms=e.occurred_at_ms,
        received_at_ms=e.received_at_ms,
    )
    if e.year_group is not None:
        message.year_group = e.year_group
    return message


def _joined(e: Incident.FindingJoined) -> pb.FindingJoined:
    shown = pb.FindingJoined.DESCRIPTOR.fields_by_name.keys() & e.finding.keys()
    return pb.FindingJoined(
        incident_id=str(e.originator_id),
        joined_at_ms=ms(e.timestamp),
        **{name: e.finding[name] for name in shown},
    )


_MESSAGES: dict[type[Any], Callable[[Any], Message]] = {
    Incident.Created: _opened,
    Incident.FindingJoined: _joined,
    Incident.SeverityRaised: lambda e: pb.SeverityRaised(
        incident_id=str(e.originator_id),
        reference=reference(UUID(str(e.originator_id))),
        theme=e.theme,
        previous=e.previous,
        severity=e.severity,
        raised_at_ms=ms(e.timestamp),
    ),
    Incident.Acknowledged: lambda e: pb.IncidentAcknowledged(
        incident_id=str(e.originator_id), by_user=e.by_user, at_ms=ms(e.timestamp)
    ),
    Incident.Noted: lambda e: pb.IncidentNoted(
        incident_id=str(e.originator_id), by_user=e.by_user, at_ms=ms(e.timestamp)
    ),
    Incident.Revealed: lambda e: pb.IncidentRevealed(
        incident_id=str(e.originator_id),
        by_user=e.by_user,
        purpose=e.purpose,
        at_ms=ms(e.timestamp),
    ),
    Incident.Closed: lambda e: pb.IncidentClosed(
        incident_id=str(e.originator_id),
        by_user=e.by_user,
        outcome=e.outcome,
        at_ms=ms(e.timestamp),
    ),
}


def publish_incident(event: DomainEvent, _: int) -> Publication | None:
    """The contract message of ``event``, or None for a private one."""
    make = _MESSAGES.get(type(event))
    if make is None:
        return None
    school: str = event.school_id  # type: ignore[attr-defined]  # every event in the table has it
    message = make(event)
    entry = REGISTRY.by_message[type(message)]
    return Publication(
        subject=subject(entry.subject, school, incident=str(event.originator_id)),
        wire_name=entry.wire,
        payload=message.SerializeToString(),
        message_id=f"{event.originator_id}:{event.originator_version}",
        tenant_id=school,
    )
