import asyncio
from collections.abc import Callable

import pytest

from chassis.bus.bus import Bus
from chassis.errors import InvalidError, NotFoundError
from chassis.tenancy import PLATFORM
from contracts.directory.v1 import requests_pb2 as dr

MakeRow = Callable[..., dr.RosterRow]


async def create(bus: Bus, slug: str, **other: object) -> dr.CreateSchoolResponse:
    request = dr.CreateSchoolRequest(name="Greenfield Academy", slug=slug, **other)  # type: ignore[arg-type]
    return await bus.ask(request, dr.CreateSchoolResponse, tenant=PLATFORM)


async def test_a_school_gets_the_least_used_shard_and_what_it_asked_for(
    operator: Bus, slug: str
) -> None:
    first = (await create(operator, slug, retention_days=14)).school
    second = (await create(operator, f"{slug}-2")).school
    assert (first.retention_days, first.time_zone) == (14, "Europe/London")
    assert second.retention_days == 30
    assert first.shard != second.shard


async def test_creating_a_slug_again_answers_the_school_there_is(operator: Bus, slug: str) -> None:
    made = await create(operator, slug)
    again = await create(operator, slug, retention_days=7)
    assert made.created
    assert not again.created
    assert again.school == made.school


async def test_creations_at_once_make_one_school(operator: Bus, slug: str) -> None:
    answers = await asyncio.gather(*(create(operator, slug) for _ in range(6)))
    assert sum(answer.created for answer in answers) == 1
    assert len({answer.school.SerializeToString() for answer in answers}) == 1


async def test_the_list_shows_each_new_school_at_once(operator: Bus, slug: str) -> None:
    for number in range(5):
        made = await create(operator, f"{slug}-{number}")
        answer = await operator.ask(
            dr.ListSchoolsRequest(), dr.ListSchoolsResponse, tenant=PLATFORM
        )
        assert made.school in [school.state for school in answer.schools]


@pytest.mark.parametrize(
    ("slug", "other", "error"),
    [
        ("Green Field", {}, "bad_slug"),
        ("green", {"retention_days": 91}, "bad_retention"),
        ("green", {"time_zone": "Mars/Olympus"}, "bad_time_zone"),
    ],
)
async def test_what_cannot_be_is_refused_by_field(
    operator: Bus, slug: str, other: dict[str, object], error: str
) -> None:
    with pytest.raises(InvalidError) as refused:
        await create(operator, slug, **other)
    assert refused.value.slug == error


async def test_the_list_shows_what_was_just_written(
    operator: Bus, school: str, slug: str, row: MakeRow
) -> None:
    people = dr.ImportPeopleRequest(rows=[row("a.one"), row("a.two", active=False)])
    await operator.ask(people, dr.ImportPeopleResponse, tenant=school)
    device = dr.EnrolDeviceRequest(name="lt-1", kind="laptop")
    await operator.ask(device, dr.EnrolDeviceResponse, tenant=school)
    listed = await operator.ask(dr.ListSchoolsRequest(), dr.ListSchoolsResponse, tenant=PLATFORM)
    (mine,) = [s for s in listed.schools if s.state.slug == slug]
    assert (mine.name, mine.people, mine.devices) == ("Greenfield Academy", 1, 1)
    assert mine.state.school_id == school


async def test_a_school_that_does_not_exist_has_nothing(operator: Bus, row: MakeRow) -> None:
    unknown = "11111111-1111-4111-8111-111111111111"
    for request, reply in (
        (dr.ImportPeopleRequest(rows=[row()]), dr.ImportPeopleResponse),
        (dr.EnrolDeviceRequest(name="lt-1", kind="laptop"), dr.EnrolDeviceResponse),
        (dr.ListUsersRequest(), dr.ListUsersResponse),
    ):
        with pytest.raises(NotFoundError) as refused:
            await operator.ask(request, reply, tenant=unknown)
        assert refused.value.slug == "no_school"
