from datetime import UTC, datetime
from uuid import uuid4

import pytest

from chassis.errors import InvalidError
from services.directory.domain.device import Device, check_device
from services.directory.domain.school import check_school
from services.directory.domain.shards import least_used
from services.directory.domain.user import User, check_user

SCHOOL = str(uuid4())
AT = datetime(2026, 9, 1, 8, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("used", "shard"),
    [([], 0), ([0], 1), ([0, 1, 3], 2), (list(range(64)), 0), ([*range(64), 0, 1], 2)],
)
def test_a_new_school_gets_the_least_used_shard(used: list[int], shard: int) -> None:
    assert least_used(used) == shard


@pytest.mark.parametrize(
    ("name", "slug", "days", "error"),
    [
        (" ", "green", 30, "bad_name"),
        ("G" * 201, "green", 30, "bad_name"),
        ("Green", "", 30, "bad_slug"),
        ("Green", "Green", 30, "bad_slug"),
        ("Green", "-green", 30, "bad_slug"),
        ("Green", "g" * 64, 30, "bad_slug"),
        ("Green", "green", 0, "bad_retention"),
        ("Green", "green", 91, "bad_retention"),
    ],
)
def test_a_school_that_cannot_be(name: str, slug: str, days: int, error: str) -> None:
    with pytest.raises(InvalidError) as refused:
        check_school(name, slug, days)
    assert refused.value.slug == error


def test_a_device_enrolled_again_has_the_new_token_only() -> None:
    device = Device.enrol(
        uuid4(), school_id=SCHOOL, name="lt-1", kind="laptop", token_hash="old", at=AT
    )
    device.enrol_again("desktop", "new", AT)
    _, event = device.collect_events()
    assert isinstance(event, Device.Reenrolled)
    assert (event.name, event.kind, event.token_hash) == ("lt-1", "desktop", "new")
    assert (device.kind, device.token_hash) == ("desktop", "new")


@pytest.mark.parametrize(("name", "kind"), [("", "laptop"), ("a\nb", "laptop"), ("lt", "A B")])
def test_a_device_that_cannot_be(name: str, kind: str) -> None:
    with pytest.raises(InvalidError):
        check_device(name, kind)


def test_a_user_changes_only_when_something_differs() -> None:
    user = User.add(uuid4(), school_id=SCHOOL, key_id="k", role="dsl", sealed_contact=b"c", at=AT)
    user.collect_events()
    user.change("dsl", None, AT)
    assert user.collect_events() == []
    user.change("head", None, AT)
    user.change("head", b"d", AT)
    assert [(e.role, e.sealed_contact) for e in user.collect_events()] == [
        ("head", b"c"),
        ("head", b"d"),
    ]


@pytest.mark.parametrize(
    ("name", "email", "role"),
    [
        ("", "a@b.example", "dsl"),
        ("A", "b.example", "dsl"),
        ("A", "@b.example", "dsl"),
        ("A", "a b@c.example", "dsl"),
        ("A", "a@b.example", "pupil"),
    ],
)
def test_a_user_who_cannot_be(name: str, email: str, role: str) -> None:
    with pytest.raises(InvalidError):
        check_user(name, email, role)
