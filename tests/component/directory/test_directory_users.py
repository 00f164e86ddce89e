from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from chassis.bus.bus import Bus
from chassis.errors import ConflictError, InvalidError, NotFoundError
from contracts.directory.v1 import requests_pb2 as dr

BusAs = Callable[[str], Awaitable[Bus]]


async def put(bus: Bus, school: str, login: str, role: str, **other: str) -> str:
    request = dr.PutUserRequest(
        **(
            {"login": login, "role": role, "name": "Helen Carrick", "email": f"{login}@g.example"}
            | other
        )
    )
    return (await bus.ask(request, dr.PutUserResponse, tenant=school)).user_id


async def listed(bus: Bus, school: str, role: str = "") -> list[tuple[str, str]]:
    answer = await bus.ask(dr.ListUsersRequest(role=role), dr.ListUsersResponse, tenant=school)
    return [(user.user_id, user.role) for user in answer.users]


async def mint(bus: Bus, school: str, **asked: object) -> dr.MintTokenResponse:
    request = dr.MintTokenRequest(**asked)  # type: ignore[arg-type]
    return await bus.ask(request, dr.MintTokenResponse, tenant=school)


async def test_users_are_listed_by_role_as_soon_as_they_are_put(operator: Bus, school: str) -> None:
    head = await put(operator, school, "m.oyelaran", "head")
    first = await put(operator, school, "h.carrick", "dsl")
    second = await put(operator, school, "i.sadiq", "dsl")
    assert await listed(operator, school) == [(head, "head"), (first, "dsl"), (second, "dsl")]
    assert await listed(operator, school, "dsl") == [(first, "dsl"), (second, "dsl")]
    assert await put(operator, school, "H.Carrick", "deputy_dsl") == first
    assert await listed(operator, school, "dsl") == [(second, "dsl")]


async def test_a_contact_is_told_to_alerting_and_follows_changes(
    operator: Bus, school: str, bus_as: BusAs
) -> None:
    alerting = await bus_as("alerting")
    user = await put(operator, school, "h.carrick", "dsl")
    await put(operator, school, "h.carrick", "dsl", email="new@g.example")
    contact = await alerting.ask(
        dr.ContactOfRequest(user_id=user), dr.ContactOfResponse, tenant=school
    )
    assert (contact.name, contact.email) == ("Helen Carrick", "new@g.example")
    with pytest.raises(NotFoundError):
        await alerting.ask(dr.ContactOfRequest(user_id=school), dr.ContactOfResponse, tenant=school)


async def test_a_token_is_the_first_users_of_the_role_and_says_who_they_are(
    operator: Bus, school: str, bus_as: BusAs, system: Any
) -> None:
    user = await put(operator, school, "h.carrick", "dsl")
    await put(operator, school, "i.sadiq", "dsl")
    minted = await mint(operator, school, role="dsl", ttl_seconds=60)
    caller = system.verifier().verify(minted.token)
    assert (caller.tenant, caller.role, caller.subject) == (school, "dsl", user)
    assert minted.expires_at_ms == int(caller.expires_at * 1000)
    gateway = await bus_as("gateway")
    me = await gateway.ask(dr.GetMeRequest(), dr.GetMeResponse, token=minted.token)
    assert (me.user_id, me.role, me.name) == (user, "dsl", "Helen Carrick")
    assert (me.school_id, me.school_name) == (school, "Greenfield Academy")


async def test_a_token_by_login(operator: Bus, school: str) -> None:
    await put(operator, school, "h.carrick", "dsl")
    user = await put(operator, school, "i.sadiq", "dsl")
    assert (await mint(operator, school, login="I.Sadiq")).user_id == user


@pytest.mark.parametrize(
    ("asked", "kind"),
    [
        ({}, InvalidError),
        ({"role": "wizard"}, InvalidError),
        ({"role": "dsl", "ttl_seconds": 59}, InvalidError),
        ({"role": "dsl", "ttl_seconds": 43_201}, InvalidError),
        ({"role": "head"}, NotFoundError),
        ({"login": "nobody"}, NotFoundError),
        ({"login": "h.carrick", "role": "head"}, ConflictError),
    ],
)
async def test_tokens_that_are_refused(
    operator: Bus, school: str, asked: dict[str, object], kind: type[Exception]
) -> None:
    await put(operator, school, "h.carrick", "dsl")
    with pytest.raises(kind):
        await mint(operator, school, **asked)


@pytest.mark.parametrize(
    "wrong", [{"role": "wizard"}, {"name": " "}, {"email": "nowhere"}, {"login": " "}]
)
async def test_users_that_are_refused(operator: Bus, school: str, wrong: dict[str, str]) -> None:
    sound = {"login": "h.carrick", "name": "Helen", "email": "h@g.example", "role": "dsl"}
    with pytest.raises(InvalidError):
        await operator.ask(dr.PutUserRequest(**(sound | wrong)), dr.PutUserResponse, tenant=school)
