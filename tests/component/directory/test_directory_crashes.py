import asyncio
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import pytest

from chassis.bus.bus import Bus
from chassis.sealing import SealKey
from chassis.store.client import connect
from contracts.directory.v1 import requests_pb2 as dr
from services.directory.adapters.key_vault import KeyVault
from services.directory.adapters.school_secrets import SchoolSecrets
from services.directory.domain import ids
from services.directory.domain.identity import identity_mark
from services.directory.settings import Settings

BusAs = Callable[[str], Awaitable[Bus]]
MakeRow = Callable[..., dr.RosterRow]


@pytest.fixture
def database(system: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The directory's own database, as a crash may have left it."""
    for name, value in system.environment("directory").items():
        monkeypatch.setenv(name, value)
    settings = Settings.load()
    password = settings.mongodb_password.get_secret_value()
    with connect(
        settings.mongodb_url, username="directory", password=password, authSource="admin"
    ) as client:
        yield client[settings.mongodb_database]


@pytest.fixture
def master(system: Any, monkeypatch: pytest.MonkeyPatch) -> SealKey:
    for name, value in system.environment("directory").items():
        monkeypatch.setenv(name, value)
    return SealKey("master", "directory", Settings.load().master_key_bytes)


async def key_of(bus: Bus, school: str, login: str) -> dr.KeyResponse:
    return await bus.ask(dr.KeyForIdentityRequest(login=login), dr.KeyResponse, tenant=school)


async def name_of(bus: Bus, school: str, person: str) -> str:
    answer = await bus.ask(dr.NameOfRequest(person_id=person), dr.NameOfResponse, tenant=school)
    return answer.name


async def imported(bus: Bus, school: str, *rows: dr.RosterRow) -> tuple[int, int, int]:
    request = dr.ImportPeopleRequest(rows=rows)
    done = await bus.ask(request, dr.ImportPeopleResponse, tenant=school)
    assert not done.problems
    return done.created, done.changed, done.unchanged


async def test_a_key_whose_stand_in_was_lost_gets_one_when_asked_for_again(
    school: str, bus_as: BusAs, database: Any, master: SealKey
) -> None:
    key_id = identity_mark(SchoolSecrets(database, master).of(school), "dev.patel")
    stand_in = str(ids.provisional_id(school, key_id))
    held = KeyVault(database, master).claim(school, {key_id: stand_in})[key_id]
    key = await key_of(await bus_as("capture"), school, "dev.patel")
    assert (key.key, key.person_id) == (held.usable().key, stand_in)
    assert await name_of(await bus_as("incidents"), school, stand_in) == "dev.patel"


async def test_a_key_whose_stand_in_was_lost_is_taken_over_all_the_same(
    operator: Bus, school: str, bus_as: BusAs, database: Any, master: SealKey, row: MakeRow
) -> None:
    key_id = identity_mark(SchoolSecrets(database, master).of(school), "dev.patel")
    stand_in = str(ids.provisional_id(school, key_id))
    KeyVault(database, master).claim(school, {key_id: stand_in})
    assert await imported(operator, school, row()) == (1, 0, 0)
    key = await key_of(await bus_as("capture"), school, "dev.patel")
    assert key.person_id != stand_in
    assert await name_of(await bus_as("incidents"), school, stand_in) == "Dev Patel"


async def test_keys_not_handed_over_are_handed_over_by_the_next_import(
    operator: Bus, school: str, bus_as: BusAs, database: Any, row: MakeRow
) -> None:
    capture = await bus_as("capture")
    before = await key_of(capture, school, "dev.patel")
    await imported(operator, school, row())
    after = await key_of(capture, school, "dev.patel")
    database["keys"].update_one(
        {"_id": before.key_id, "tenant": school}, {"$set": {"person_id": before.person_id}}
    )
    assert await imported(operator, school, row()) == (0, 0, 1)
    assert await key_of(capture, school, "dev.patel") == after


async def test_the_same_page_at_once_is_imported_once(
    operator: Bus, school: str, row: MakeRow
) -> None:
    rows = [row(f"pupil.{n}") for n in range(20)]
    done = await asyncio.gather(*(imported(operator, school, *rows) for _ in range(4)))
    assert sum(created for created, _, _ in done) == 20
    assert sum(unchanged for _, _, unchanged in done) == 60


async def test_an_identity_asked_for_at_once_has_one_key(
    school: str, bus_as: BusAs, operator: Bus, row: MakeRow
) -> None:
    capture = await bus_as("capture")
    asked = [key_of(capture, school, "dev.patel") for _ in range(8)]
    done, *keys = await asyncio.gather(imported(operator, school, row()), *asked)
    assert done == (1, 0, 0)
    assert len({(key.key_id, key.key) for key in keys}) == 1
    last = await key_of(capture, school, "dev.patel")
    assert await name_of(await bus_as("incidents"), school, last.person_id) == "Dev Patel"
