"""From internal events to ``FEED``: what integrators may know, and nothing else."""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID, uuid5

from chassis.bus.bus import Bus
from chassis.bus.consume import Handle, Meta
from chassis.errors import InvalidError
from contracts.alerting.v1 import alerting_pb2 as al
from contracts.gateway.v1 import feed_pb2 as fe
from contracts.incidents.v1 import events_pb2 as ie

_NAMESPACE = UUID("5c0f7cf3-6d0e-5d5b-9a44-6f0d0d7f4b1e")

Describe = Callable[[Any], fe.FeedEvent]


def _opened(event: ie.IncidentOpened) -> fe.FeedEvent:
    return fe.FeedEvent(
        type="incident.opened",
        time_ms=event.opened_at_ms,
        reference=event.reference,
        theme=event.theme,
        severity=event.severity,
        state="open",
    )


def _raised(event: ie.SeverityRaised) -> fe.FeedEvent:
    return fe.FeedEvent(
        type="incident.severity_raised",
        time_ms=event.raised_at_ms,
        reference=event.reference,
        theme=event.theme,
        severity=event.severity,
    )


def _acknowledged(event: ie.IncidentAcknowledged) -> fe.FeedEvent:
    return fe.FeedEvent(type="incident.acknowledged", time_ms=event.at_ms, state="acknowledged")


def _closed(event: ie.IncidentClosed) -> fe.FeedEvent:
    return fe.FeedEvent(type="incident.closed", time_ms=event.at_ms, state="closed")


def _delivered(event: al.NotificationDelivered) -> fe.FeedEvent:
    return fe.FeedEvent(
        type="alert.delivered", time_ms=event.at_ms, escalation_id=event.escalation_id
    )


def _exhausted(event: al.EscalationExhausted) -> fe.FeedEvent:
    return fe.FeedEvent(
        type="alert.exhausted",
        time_ms=event.at_ms,
        severity=event.severity,
        escalation_id=event.escalation_id,
    )


DESCRIBED: Mapping[str, Describe] = {
    "incidents.IncidentOpened.v1": _opened,
    "incidents.SeverityRaised.v1": _raised,
    "incidents.IncidentAcknowledged.v1": _acknowledged,
    "incidents.IncidentClosed.v1": _closed,
    "alerting.NotificationDelivered.v1": _delivered,
    "alerting.EscalationExhausted.v1": _exhausted,
}
"""Wire name to what is told of it. What is not here, who acted, findings, reveals, is not told."""


def handlers(bus: Bus, link_base: str) -> dict[str, Handle]:
    """Wire name to the handler that publishes its event."""
    return {wire: _handler(bus, link_base, describe) for wire, describe in DESCRIBED.items()}


def _handler(bus: Bus, link_base: str, describe: Describe) -> Handle:
    async def handle(message: Any, meta: Meta) -> None:
        event = describe(message)
        event.id = event_id(meta)
        event.incident_id = message.incident_id
        event.link = f"{link_base}/incidents/{message.incident_id}"
        await bus.publish(event, tenant=meta.tenant, message_id=event.id, type=token(event.type))

    return handle


def event_id(meta: Meta) -> str:
    """The same for the same source message, however often it comes."""
    if not meta.message_id:
        raise InvalidError("no_message_id", "the source message has no id to derive one from")
    return str(uuid5(_NAMESPACE, f"{meta.stream}:{meta.message_id}"))


def token(type_: str) -> str:
    """An event's type as a token of a subject."""
    return type_.replace(".", "-").replace("_", "-")
