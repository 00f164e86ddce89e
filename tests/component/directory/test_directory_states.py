import asyncio
from collections.abc import Awaitable, Callable
from hashlib import sha256
from typing import Any

from chassis.bus.bus import Bus
from chassis.bus.consume import Meta
from chassis.bus.follow import follow
from contracts.directory.v1 import requests_pb2 as dr

MakeRow = Callable[..., dr.RosterRow]
BusAs = Callable[[str], Awaitable[Bus]]
WITHIN_S = 10.0


async def test_others_see_the_states_and_no_names(
    operator: Bus, school: str, bus_as: BusAs, row: MakeRow
) -> None:
    capture = await bus_as("capture")
    states: dict[str, Any] = {}
    positions: list[int] = []
    stop, heard = asyncio.Event(), asyncio.Event()

    async def seen(message: object, meta: Meta) -> None:
        kind, id_ = meta.subject.split(".")[2:]
        states[f"{kind}.{id_}"] = message
        positions.append(int(meta.position.split(":")[1]))
        heard.set()

    following = asyncio.create_task(
        follow(capture, "DIRECTORY", f"directory.{school}.>", seen, stop)
    )
    people = dr.ImportPeopleRequest(rows=[row("dev.patel")])
    await operator.ask(people, dr.ImportPeopleResponse, tenant=school)
    key = await capture.ask(
        dr.KeyForIdentityRequest(login="dev.patel"), dr.KeyResponse, tenant=school
    )
    loner = await capture.ask(
        dr.KeyForIdentityRequest(login="loner"), dr.KeyResponse, tenant=school
    )
    user = await operator.ask(
        dr.PutUserRequest(login="dev.patel", name="D", email="d@g.example", role="it"),
        dr.PutUserResponse,
        tenant=school,
    )
    request = dr.EnrolDeviceRequest(name="lt-1", kind="laptop")
    first = await operator.ask(request, dr.EnrolDeviceResponse, tenant=school)
    again = await operator.ask(request, dr.EnrolDeviceResponse, tenant=school)
    assert first.device_id == again.device_id
    assert first.token != again.token

    device, token_hash = f"device.{first.device_id}", sha256(again.token.encode()).hexdigest()

    async def told() -> None:
        while device not in states or states[device].token_hash != token_hash:
            await heard.wait()
            heard.clear()

    await asyncio.wait_for(told(), WITHIN_S)
    stop.set()
    await following

    assert states[f"school.{school}"].retention_days == 30
    person = states[f"person.{key.person_id}"]
    assert (person.role, person.year_group, person.provisional) == ("pupil", 9, False)
    stand_in = states[f"person.{loner.person_id}"]
    assert (stand_in.role, stand_in.provisional, stand_in.active) == ("unknown", True, True)
    assert states[f"user.{user.user_id}"].role == "it"
    known = states[device]
    assert (known.name, known.kind, known.active) == ("lt-1", "laptop", True)
    assert positions == sorted(positions)
