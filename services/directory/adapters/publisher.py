"""Turns the directory's private events into the states that others follow in DIRECTORY."""

from google.protobuf.message import Message

from chassis.store.batches import DomainEvent
from chassis.store.relay import Publication
from chassis.tenancy import subject
from contracts.registry import REGISTRY
from services.directory.domain.device import Device
from services.directory.domain.person import Person
from services.directory.domain.school import School
from services.directory.domain.user import User
from services.directory.projections.states import (
    device_state,
    person_state,
    school_state,
    user_state,
)


def publication_of(event: DomainEvent, position: int) -> Publication | None:  # noqa: ARG001 - the relay's form
    """The state after the event; None where no published state changed."""
    if isinstance(event, School.Created):
        return _publication(event, str(event.originator_id), school_state(event))
    if isinstance(event, Person.Created | Person.Changed | Person.Merged):
        return _publication(event, event.school_id, person_state(event))
    if isinstance(event, Device.Created | Device.Reenrolled):
        return _publication(event, event.school_id, device_state(event))
    if isinstance(event, User.Created | User.Changed):
        return _publication(event, event.school_id, user_state(event))
    return None


def _publication(event: DomainEvent, school: str, state: Message) -> Publication:
    listed = REGISTRY.by_message[type(state)]
    return Publication(
        subject=subject(listed.subject, school, id=str(event.originator_id)),
        wire_name=listed.wire,
        payload=state.SerializeToString(),
        message_id=f"{event.originator_id}:{event.originator_version}",
        tenant_id=school,
    )
