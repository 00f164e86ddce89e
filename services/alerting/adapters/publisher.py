"""What alerting says to others: the only place where domain events become contract messages."""

from collections.abc import Callable, Mapping
from uuid import UUID

from eventsourcing.domain import DomainEventProtocol
from google.protobuf.message import Message

from chassis.store.relay import Publication
from chassis.tenancy import subject
from contracts.alerting.v1 import alerting_pb2 as al
from contracts.registry import REGISTRY
from services.alerting.domain import events as e
from services.alerting.domain.moments import as_ms

_TOLD = ("step", "user_id", "role", "channel", "message_id")
_SAID: Mapping[type[e.EscalationEvent], tuple[Callable[..., Message], tuple[str, ...]]] = {
    e.Started: (al.EscalationStarted, ("reference", "theme", "severity")),
    e.NotificationRequested: (al.NotificationRequested, _TOLD),
    e.NotificationDelivered: (al.NotificationDelivered, _TOLD),
    e.NotificationFailed: (al.NotificationFailed, ("step", "user_id", "channel", "reason")),
    e.Acknowledged: (al.EscalationAcknowledged, ("by_user",)),
    e.Exhausted: (al.EscalationExhausted, ("severity",)),
    e.Ended: (al.EscalationEnded, ("reason",)),
}
"""Domain event to contract message, and the fields that both have. The rest stays private."""


def publication(event: DomainEventProtocol[UUID], _position: int) -> Publication | None:
    """The message that says ``event``; None for what stays private. The id is the event's."""
    if not isinstance(event, e.EscalationEvent):
        return None
    message = _message(event)
    if message is None:
        return None
    contract = REGISTRY.by_message[type(message)]
    return Publication(
        subject=subject(contract.subject, event.tenant, escalation=str(event.originator_id)),
        wire_name=contract.wire,
        payload=message.SerializeToString(),
        message_id=f"{event.originator_id}.{event.originator_version}",
        tenant_id=event.tenant,
    )


def _message(event: e.EscalationEvent) -> Message | None:
    said = _SAID.get(type(event))
    if said is None:
        return None
    cls, names = said
    values = {name: getattr(event, name) for name in names}
    if isinstance(event, e.Started):
        values["steps"] = len(event.steps)
    return cls(
        escalation_id=str(event.originator_id),
        incident_id=event.incident_id,
        at_ms=as_ms(event.timestamp),
        **values,
    )
