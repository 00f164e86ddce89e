from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from chassis.bus.bus import Bus
from chassis.errors import GoneError, NotFoundError
from chassis.tenancy import PLATFORM
from contracts.directory.v1 import requests_pb2 as dr

MakeRow = Callable[..., dr.RosterRow]
BusAs = Callable[[str], Awaitable[Bus]]


async def imported(bus: Bus, school: str, *rows: dr.RosterRow) -> dr.ImportPeopleResponse:
    request = dr.ImportPeopleRequest(rows=rows)
    return await bus.ask(request, dr.ImportPeopleResponse, tenant=school)


def counts(done: dr.ImportPeopleResponse) -> tuple[int, int, int]:
    return done.created, done.changed, done.unchanged


async def key_of(bus: Bus, school: str, login: str) -> dr.KeyResponse:
    return await bus.ask(dr.KeyForIdentityRequest(login=login), dr.KeyResponse, tenant=school)


async def name_of(bus: Bus, school: str, person: str) -> str:
    answer = await bus.ask(dr.NameOfRequest(person_id=person), dr.NameOfResponse, tenant=school)
    return answer.name


async def test_the_same_row_twice_changes_nothing(operator: Bus, school: str, row: MakeRow) -> None:
    assert counts(await imported(operator, school, row(), row("a.b"))) == (2, 0, 0)
    assert counts(await imported(operator, school, row(), row("a.b"))) == (0, 0, 2)


@pytest.mark.parametrize(
    "change",
    [
        {"year_group": 10},
        {"family_name": "Shah"},
        {"groups": ["Form 10A"]},
        {"active": False},
        {"logins": ["dev.patel", "dev.patel@greenfield.example"]},
    ],
)
async def test_what_differs_is_changed(
    operator: Bus, school: str, row: MakeRow, change: dict[str, Any]
) -> None:
    await imported(operator, school, row())
    assert counts(await imported(operator, school, row(**change))) == (0, 1, 0)
    assert counts(await imported(operator, school, row(**change))) == (0, 0, 1)


async def test_the_sound_rows_are_taken_and_the_others_answered(
    operator: Bus, school: str, row: MakeRow
) -> None:
    done = await imported(
        operator,
        school,
        row("a.sound"),
        row("a.wizard", role="wizard"),
        row("a.nameless", family_name=" "),
        row("a.old", year_group=27),
        row("a.same", logins=["shared"]),
        row("b.same", logins=["SHARED "]),
        row("a.lost", logins=[]),
    )
    assert counts(done) == (1, 0, 0)
    assert [(p.index, p.field) for p in done.problems] == [
        (1, "role"),
        (2, "family_name"),
        (3, "year_group"),
        (4, "logins"),
        (5, "logins"),
        (6, "logins"),
    ]


async def test_a_login_of_somebody_else_is_a_problem(
    operator: Bus, school: str, row: MakeRow
) -> None:
    await imported(operator, school, row("dev.patel"))
    done = await imported(operator, school, row("other", logins=["other", "DEV.PATEL"]))
    assert counts(done) == (0, 0, 0)
    assert [(p.index, p.field) for p in done.problems] == [(0, "logins")]
    # Nothing of the refused row is left: its own login is still free.
    assert counts(await imported(operator, school, row("third", logins=["other"]))) == (1, 0, 0)


async def test_an_identity_has_one_key_whoever_asks_and_however_it_is_spelt(
    bus_as: BusAs, school: str
) -> None:
    capture, evaluation = await bus_as("capture"), await bus_as("evaluation")
    key = await key_of(capture, school, "Dev.Patel")
    assert await key_of(capture, school, "GREEN\\dev.patel ") == key
    assert len(key.key) == 32
    assert len(key.key_id) == 32
    by_id = await evaluation.ask(
        dr.KeyByIdRequest(key_id=key.key_id), dr.KeyResponse, tenant=school
    )
    assert by_id == key


async def test_another_school_has_other_keys_and_cannot_reach_these(
    bus_as: BusAs, operator: Bus, school: str, slug: str
) -> None:
    other = await operator.ask(
        dr.CreateSchoolRequest(name="Other", slug=f"{slug}-other"),
        dr.CreateSchoolResponse,
        tenant=PLATFORM,
    )
    capture, evaluation = await bus_as("capture"), await bus_as("evaluation")
    incidents = await bus_as("incidents")
    key = await key_of(capture, school, "dev.patel")
    theirs = await key_of(capture, other.school.school_id, "dev.patel")
    assert theirs.key_id != key.key_id
    assert theirs.key != key.key
    with pytest.raises(NotFoundError):
        await evaluation.ask(
            dr.KeyByIdRequest(key_id=key.key_id),
            dr.KeyResponse,
            tenant=other.school.school_id,
        )
    with pytest.raises(NotFoundError):
        await name_of(incidents, other.school.school_id, key.person_id)


async def test_the_roster_takes_over_what_a_stand_in_owned(
    bus_as: BusAs, operator: Bus, school: str, row: MakeRow
) -> None:
    capture, incidents = await bus_as("capture"), await bus_as("incidents")
    before = await key_of(capture, school, "dev.patel")
    assert await name_of(incidents, school, before.person_id) == "dev.patel"

    assert counts(await imported(operator, school, row())) == (1, 0, 0)

    after = await key_of(capture, school, "dev.patel")
    assert (after.key_id, after.key) == (before.key_id, before.key)
    assert after.person_id != before.person_id
    assert await name_of(incidents, school, after.person_id) == "Dev Patel"
    assert await name_of(incidents, school, before.person_id) == "Dev Patel"
    assert counts(await imported(operator, school, row())) == (0, 0, 1)


async def test_a_destroyed_key_is_gone_and_never_made_anew(
    bus_as: BusAs, operator: Bus, school: str, row: MakeRow, system: Any
) -> None:
    capture, incidents = await bus_as("capture"), await bus_as("incidents")
    await imported(operator, school, row())
    key = await key_of(capture, school, "dev.patel")
    with system.mongo_as("directory") as mongo:
        # As an erasure leaves it.
        mongo["vigil_directory"]["keys"].update_many(
            {"tenant": school, "person_id": key.person_id},
            {"$set": {"state": "destroyed"}, "$unset": {"wrapped": ""}},
        )
    for asking in (
        key_of(capture, school, "dev.patel"),
        name_of(incidents, school, key.person_id),
    ):
        with pytest.raises(GoneError) as gone:
            await asking
        assert gone.value.slug == "key_destroyed"
    done = await imported(operator, school, row())
    assert [(p.field, p.reason) for p in done.problems] == [("sourced_id", "the person was erased")]


async def test_nothing_stored_shows_a_name_or_login(
    operator: Bus, school: str, row: MakeRow, system: Any, bus_as: BusAs
) -> None:
    secret = ("Zebedee", "Quillfeather", "zeb.quill", "usr-zeb.quill", "zeb@q.example", "loner")
    zeb = row("zeb.quill", given_name="Zebedee", family_name="Quillfeather")
    await imported(operator, school, zeb)
    await key_of(await bus_as("capture"), school, "loner.quill")
    user = dr.PutUserRequest(
        login="zeb.quill", name="Zebedee Quillfeather", email="zeb@q.example", role="head"
    )
    await operator.ask(user, dr.PutUserResponse, tenant=school)
    with system.mongo_as("directory") as mongo:
        database = mongo["vigil_directory"]
        stored = "".join(
            str(document)
            for name in database.list_collection_names()
            for document in database[name].find()
        )
    assert school in stored
    for word in secret:
        assert word not in stored
