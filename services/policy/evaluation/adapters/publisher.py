"""A published policy to its contract message: the last one per school stands in POLICIES."""

from chassis.store.batches import DomainEvent
from chassis.store.relay import Publication
from chassis.tenancy import subject
from contracts.evaluation.v1.evaluation_pb2 import PolicyPublished
from contracts.registry import REGISTRY
from services.policy.evaluation.application.policies import as_message
from services.policy.evaluation.domain.school_policy import SchoolPolicy


def publish_policy(event: DomainEvent, _: int) -> Publication | None:
    """The contract message of ``event``, or None for a private one."""
    if not isinstance(event, SchoolPolicy.Published):
        return None
    entry = REGISTRY.by_message[PolicyPublished]
    return Publication(
        subject=subject(entry.subject, event.school_id),
        wire_name=entry.wire,
        payload=as_message(event).SerializeToString(),
        message_id=f"{event.originator_id}:{event.originator_version}",
        tenant_id=event.school_id,
    )
