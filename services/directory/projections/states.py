"""What an event makes of the published state. Each event holds the whole record."""

from typing import TypeAlias

from contracts.directory.v1.states_pb2 import DeviceState, PersonState, SchoolState, UserState
from services.directory.domain.device import Device
from services.directory.domain.person import UNKNOWN, Person
from services.directory.domain.school import School
from services.directory.domain.user import User

PersonEvent: TypeAlias = Person.Created | Person.Changed | Person.Merged
DeviceEvent: TypeAlias = Device.Created | Device.Reenrolled
UserEvent: TypeAlias = User.Created | User.Changed


def school_state(event: School.Created) -> SchoolState:
    """The school after the event."""
    return SchoolState(
        school_id=str(event.originator_id),
        slug=event.slug,
        shard=event.shard,
        retention_days=event.retention_days,
        time_zone=event.time_zone,
    )


def person_state(event: PersonEvent) -> PersonState:
    """The person after the event, without their name."""
    id_ = str(event.originator_id)
    if isinstance(event, Person.Merged):
        return PersonState(person_id=id_, role=UNKNOWN, provisional=True, active=False)
    return PersonState(
        person_id=id_,
        role=event.role,
        year_group=event.year_group,
        provisional=isinstance(event, Person.Created) and event.provisional,
        active=event.active,
    )


def device_state(event: DeviceEvent) -> DeviceState:
    """The device after the event."""
    return DeviceState(
        device_id=str(event.originator_id),
        name=event.name,
        kind=event.kind,
        token_hash=event.token_hash,
        active=True,
        enrolled_at_ms=int(event.timestamp.timestamp() * 1000),
    )


def user_state(event: UserEvent) -> UserState:
    """The user after the event, without name and e-mail."""
    return UserState(user_id=str(event.originator_id), role=event.role, active=event.active)
