from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from contracts.directory.v1.states_pb2 import DeviceState, PersonState, SchoolState, UserState
from services.directory.adapters.publisher import publication_of
from services.directory.domain.device import Device
from services.directory.domain.person import Facts, Person
from services.directory.domain.school import School
from services.directory.domain.user import User

SCHOOL = uuid4()
AT = datetime(2026, 9, 1, 8, 0, tzinfo=UTC)


def published(*aggregates: Any) -> list[tuple[str, str, Any]]:
    classes = {c.DESCRIPTOR.name: c for c in (SchoolState, PersonState, DeviceState, UserState)}
    said = []
    for aggregate in aggregates:
        for event in aggregate.collect_events():
            publication = publication_of(event, 1)
            if publication is not None:
                assert publication.tenant_id == str(SCHOOL)
                state = classes[publication.wire_name.split(".")[1]].FromString(publication.payload)
                said.append((publication.subject, publication.message_id, state))
    return said


def test_a_school_says_its_shard_and_retention() -> None:
    school = School.create(
        SCHOOL,
        name="Greenfield",
        slug="green",
        shard=3,
        retention_days=30,
        time_zone="Europe/London",
        at=AT,
    )
    ((subject, message_id, state),) = published(school)
    assert subject == f"directory.{SCHOOL}.school.{SCHOOL}"
    assert message_id == f"{SCHOOL}:1"
    assert (state.slug, state.shard, state.retention_days) == ("green", 3, 30)


def test_each_change_of_a_person_says_the_whole_state_and_links_nothing() -> None:
    id_ = uuid4()
    person = Person.record(
        id_,
        school_id=str(SCHOOL),
        key_id="k",
        sealed_name=b"n",
        facts=Facts("pupil", 9, ("Form 9A",)),
        at=AT,
    )
    person.link("k-login", AT)
    person.update(Facts("staff"), None, AT)
    (first, second) = published(person)
    assert [first[1], second[1]] == [f"{id_}:1", f"{id_}:3"]
    assert first[2] == PersonState(person_id=str(id_), role="pupil", year_group=9, active=True)
    assert second[2] == PersonState(person_id=str(id_), role="staff", active=True)


def test_a_merged_stand_in_is_not_active() -> None:
    id_ = uuid4()
    person = Person.stand_in(id_, school_id=str(SCHOOL), key_id="k", sealed_name=b"n", at=AT)
    person.merge(uuid4(), AT)
    assert [(s.role, s.provisional, s.active) for _, _, s in published(person)] == [
        ("unknown", True, True),
        ("unknown", True, False),
    ]


def test_devices_and_users() -> None:
    device = Device.enrol(
        uuid4(), school_id=str(SCHOOL), name="lt-1", kind="laptop", token_hash="h", at=AT
    )
    user = User.add(
        uuid4(), school_id=str(SCHOOL), key_id="k", role="dsl", sealed_contact=b"c", at=AT
    )
    (told_device, told_user) = (state for _, _, state in published(device, user))
    assert (told_device.token_hash, told_device.enrolled_at_ms) == (
        "h",
        int(AT.timestamp() * 1000),
    )
    assert (told_user.role, told_user.active) == ("dsl", True)
