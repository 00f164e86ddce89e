"""The bus against a real server: what is stored, refused, answered and buried."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import uuid4

import nats
import pytest
from google.protobuf.message import Message

from chassis.auth import Caller
from chassis.bus import headers as h
from chassis.bus.answer import answer
from chassis.bus.bus import Bus
from chassis.bus.consume import Handle, Meta, consume
from chassis.bus.follow import Following, follow
from chassis.bus.registry import Durable
from chassis.errors import ForbiddenError, NotFoundError, TransientError, UnauthenticatedError
from contracts.common.v1.common_pb2 import DeadLetter, Written
from contracts.directory.v1.states_pb2 import PersonState
from contracts.incidents.v1.events_pb2 import IncidentAcknowledged, IncidentOpened
from contracts.incidents.v1.views_pb2 import AcknowledgeRequest, CaseView, GetIncidentRequest
from contracts.registry import REGISTRY

BusAs = Callable[[str], Awaitable[Bus]]


def _durable(name: str) -> Durable:
    return next(d for d in REGISTRY.durables if d.name == name)


async def _collect(bus: Bus, durable: str, handler: Handle, seconds: float, wire: str) -> None:
    stop = asyncio.Event()
    task = asyncio.create_task(consume(bus, _durable(durable), {wire: handler}, stop))
    await asyncio.sleep(seconds)
    stop.set()
    await task


async def _dead(system: Any, school: str) -> list[DeadLetter]:
    nc = await nats.connect(
        system.nats.url,
        user="provisioner",
        password=(system.secrets_dir("provisioner") / "nats_password").read_text(),
        inbox_prefix=b"_INBOX.provisioner",
    )
    js = nc.jetstream()
    info = await js.stream_info("DEAD", subjects_filter=f"dead.*.{school}")
    letters = []
    for subject in info.state.subjects or {}:
        raw = await js.get_last_msg("DEAD", subject)
        letters.append(DeadLetter.FromString(raw.data))
    await nc.close()
    return letters


async def test_a_message_is_stored_once_and_consumed(bus_as: BusAs, school: str) -> None:
    incidents, reporting = await bus_as("incidents"), await bus_as("reporting")
    opened = IncidentOpened(incident_id=str(uuid4()), severity=4)
    first = await incidents.publish(
        opened, tenant=school, message_id="m-1" + school, incident=opened.incident_id
    )
    again = await incidents.publish(
        opened, tenant=school, message_id="m-1" + school, incident=opened.incident_id
    )
    assert (first.duplicate, again.duplicate) == (False, True)
    seen: list[tuple[str, str]] = []

    async def handle(message: IncidentOpened, meta: Meta) -> None:
        seen.append((message.incident_id, meta.tenant))

    await _collect(reporting, "reporting-incidents", handle, 1.0, "incidents.IncidentOpened.v1")
    assert (opened.incident_id, school) in seen
    assert len([s for s in seen if s[0] == opened.incident_id]) == 1


async def test_a_transient_error_is_retried_and_another_is_buried(
    system: Any, bus_as: BusAs, school: str
) -> None:
    incidents, reporting = await bus_as("incidents"), await bus_as("reporting")
    ids = [str(uuid4()), str(uuid4())]
    for incident in ids:
        await incidents.publish(
            IncidentOpened(incident_id=incident),
            tenant=school,
            message_id=incident,
            incident=incident,
        )
    tries: list[str] = []

    async def handle(message: IncidentOpened, meta: Meta) -> None:
        if meta.tenant != school:
            return
        tries.append(message.incident_id)
        if message.incident_id == ids[0] and tries.count(ids[0]) == 1:
            raise TransientError("away", "try again")
        if message.incident_id == ids[1]:
            raise KeyError("a secret word")

    await _collect(reporting, "reporting-incidents", handle, 3.0, "incidents.IncidentOpened.v1")
    assert tries == [ids[0], ids[0], ids[1]]
    letters = await _dead(system, school)
    assert [letter.reason for letter in letters] == ["internal: KeyError"]


async def test_an_unknown_type_goes_to_dead_with_its_reason(
    system: Any, bus_as: BusAs, school: str
) -> None:
    incidents, reporting = await bus_as("incidents"), await bus_as("reporting")
    await incidents.publish_raw(
        f"incidents.{school}.x",
        b"",
        {h.TYPE: "incidents.Unheard.v9", h.TENANT: school, h.MESSAGE_ID: school + "unheard"},
    )

    async def handle(_: IncidentOpened, __: Meta) -> None:
        raise AssertionError

    await _collect(reporting, "reporting-incidents", handle, 0.5, "nothing")
    assert [x.reason for x in await _dead(system, school)] == [
        "unknown message type incidents.Unheard.v9"
    ]


async def test_a_forged_message_is_not_believed(system: Any, bus_as: BusAs, school: str) -> None:
    evaluation, reporting = await bus_as("evaluation"), await bus_as("reporting")
    forged = IncidentAcknowledged(incident_id="x", by_user="nobody").SerializeToString()
    headers = {
        h.TYPE: "incidents.IncidentAcknowledged.v1",
        h.TENANT: school,
        h.MESSAGE_ID: school + "forged",
    }
    target = f"incidents.{school}.x"
    # By its own subject: the server refuses.
    with pytest.raises(TransientError):
        await evaluation.publish_raw(target, forged, headers)
    # By the reply subject of a publish it may do: the acknowledgement lands in INCIDENTS.
    await evaluation.nc.publish(f"findings.1.{school}.p", forged, reply=target, headers=headers)
    # By a consumer of a stream it may follow, delivering there.
    await evaluation.publish_raw(f"policies.{school}", forged, headers)
    config = {
        "deliver_subject": target,
        "deliver_policy": "all",
        "filter_subject": f"policies.{school}",
        "ack_policy": "none",
    }
    create = json.dumps({"stream_name": "POLICIES", "config": config}).encode()
    await evaluation.nc.request("$JS.API.CONSUMER.CREATE.POLICIES", create, timeout=2)
    # Even with the NATS user of incidents, evaluation's signature does not count.
    incidents = await bus_as("incidents")
    incidents.signer = system.signer("evaluation")
    await incidents.publish_raw(target, forged, headers)
    believed: list[str] = []

    async def handle(_: IncidentAcknowledged, meta: Meta) -> None:
        believed.append(meta.subject)

    wire = "incidents.IncidentAcknowledged.v1"
    await _collect(reporting, "reporting-incidents", handle, 1.5, wire)
    assert believed == []
    assert [letter.reason for letter in await _dead(system, school)] == [
        f"{wire} is not signed by a role that may say it"
    ]
    assert "the header Vigil-Type is missing" in [
        letter.reason for letter in await _dead(system, "unknown")
    ]


async def test_answers_check_the_caller(system: Any, bus_as: BusAs, school: str) -> None:
    incidents, gateway = await bus_as("incidents"), await bus_as("gateway")

    async def acknowledge(request: AcknowledgeRequest, caller: Caller) -> Written:
        if request.incident_id == "missing":
            raise NotFoundError("no_incident", "there is no such incident")
        return Written(position=f"{caller.tenant}/{caller.role}/{caller.subject}")

    async def other(_: Message, __: Caller) -> Message:
        raise RuntimeError("with a captured word")

    handlers = {ask.request: other for ask in REGISTRY.asks_of("incidents")}
    await answer(incidents, handlers | {AcknowledgeRequest: acknowledge})
    token = system.user_token(school, "dsl")
    reply = await gateway.ask(AcknowledgeRequest(incident_id="i"), Written, token=token)
    assert reply.position == f"{school}/dsl/u-1"
    with pytest.raises(NotFoundError) as missing:
        await gateway.ask(AcknowledgeRequest(incident_id="missing"), Written, token=token)
    assert missing.value.slug == "no_incident"
    with pytest.raises(ForbiddenError):
        await gateway.ask(AcknowledgeRequest(), Written, token=system.user_token(school, "it"))
    with pytest.raises(UnauthenticatedError):
        await gateway.ask(AcknowledgeRequest(), Written, token=token[:-4] + "AAAA")
    with pytest.raises(UnauthenticatedError):
        await gateway.ask(
            AcknowledgeRequest(), Written, token=system.user_token(school, "dsl", ttl_s=-5)
        )
    # A service's key cannot make a user.
    forged = gateway.signer.sign(tenant=school, role="dsl", subject="u-1", ttl_s=60)[0]
    with pytest.raises(UnauthenticatedError):
        await gateway.ask(AcknowledgeRequest(), Written, token=forged)
    with pytest.raises(Exception, match="its log says where"):
        await gateway.ask(GetIncidentRequest(), CaseView, token=token)


async def test_following_gives_the_last_states_then_what_is_new(bus_as: BusAs, school: str) -> None:
    directory, capture = await bus_as("directory"), await bus_as("capture")

    async def put(person: str, year: int, n: int) -> None:
        await directory.publish(
            PersonState(person_id=person, year_group=year),
            tenant=school,
            message_id=f"{school}{person}{n}",
            id=person,
        )

    await put("p-1", 7, 1)
    await put("p-1", 8, 2)
    seen: list[tuple[str, int]] = []
    stop, following = asyncio.Event(), Following()

    async def handle(message: object, _: Meta) -> None:
        assert isinstance(message, PersonState)
        seen.append((message.person_id, message.year_group))

    task = asyncio.create_task(
        follow(capture, "DIRECTORY", f"directory.{school}.>", handle, stop, following=following)
    )
    await asyncio.wait_for(following.caught_up.wait(), 5)
    assert seen == [("p-1", 8)]
    await put("p-2", 9, 1)
    await asyncio.sleep(0.3)
    assert seen == [("p-1", 8), ("p-2", 9)]
    stop.set()
    await task
