"""A batch becomes findings, findings an incident; directory and capture are played."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import uuid4

import pytest
from nats.js.api import DeliverPolicy

from chassis.auth import Caller
from chassis.bus.answer import answer
from chassis.bus.bus import Bus
from chassis.bus.follow import follow
from chassis.clock import now_ms
from chassis.errors import ForbiddenError, NotFoundError, VigilError
from chassis.sealing import SealKey
from contracts.capture.v1 import capture_pb2 as ca
from contracts.capture.v1.capture_pb2 import ActivityBatch, ContextAroundResponse
from contracts.common.v1.common_pb2 import Written
from contracts.directory.v1 import requests_pb2 as dr
from contracts.directory.v1.states_pb2 import PersonState, SchoolState
from contracts.evaluation.v1 import evaluation_pb2 as ev
from contracts.incidents.v1 import views_pb2 as iv
from contracts.registry import REGISTRY
from services.policy.evaluation import bootstrap as evaluation
from services.policy.evaluation.settings import Settings as EvaluationSettings
from services.policy.incidents import bootstrap as incidents
from services.policy.incidents.settings import Settings as IncidentsSettings

BusAs = Callable[[str], Awaitable[Bus]]
SHARD = 11
NAME = "Marigold Zorblefinch"


class Stage:
    """One school with a pupil and a teacher, and the batches their device sends."""

    def __init__(self, school: str, buses: dict[str, Bus], user_token: Callable[..., str]) -> None:
        self.school = school
        self.buses = buses
        self._user_token = user_token
        self.people = {role: str(uuid4()) for role in ("pupil", "staff")}
        self.keys = {
            owner: SealKey(f"k-{owner}", owner, owner.encode()[:32].ljust(32, b"0"))
            for owner in self.people.values()
        }
        self.sent: list[ActivityBatch] = []
        self.device = str(uuid4())

    async def post(self, *texts: str, role: str = "pupil", attempt: int = 0) -> ActivityBatch:
        """A batch as capture would publish it; another attempt is another message to NATS."""
        key = self.keys[self.people[role]]
        number = len(self.sent)
        body = json.dumps(
            {
                "batch_id": f"b-{number}",
                "activities": [
                    {
                        "id": f"a-{number}-{n}",
                        "occurred_at_ms": now_ms() - 60_000 + n * 1000,
                        "kind": "text_typed",
                        "login": "x",
                        "text": text,
                    }
                    for n, text in enumerate(texts)
                ],
            }
        ).encode()
        batch = ActivityBatch(
            device_id=self.device,
            batch_id=f"b-{number}",
            key_id=key.key_id,
            person_id=key.owner_id,
            count=len(texts),
            received_at_ms=now_ms(),
            sealed=key.seal(body, f"activity:{self.device}:b-{number}"),
        )
        self.sent.append(batch)
        await self.say(batch, attempt)
        return batch

    async def say(self, batch: ActivityBatch, attempt: int) -> None:
        await self.buses["capture"].publish(
            batch,
            tenant=self.school,
            message_id=f"{batch.device_id}:{batch.batch_id}:{attempt}",
            device=batch.device_id,
        )

    async def ask(self, request: Any, reply: type[Any], role: str = "dsl", **token: Any) -> Any:
        bearer = self._user_token(token.get("school", self.school), role, token.get("user", "u-1"))
        return await self.buses["gateway"].ask(request, reply, token=bearer)

    async def inbox(self, count: int, within_s: float = 6) -> list[iv.IncidentView]:
        """The incidents, once there are ``count``."""
        async with asyncio.timeout(within_s):
            while True:
                page = await self.ask(iv.ListIncidentsRequest(), iv.ListIncidentsResponse)
                if len(page.rows) >= count:
                    return [row.incident for row in page.rows]
                await asyncio.sleep(0.05)

    async def key_by_id(self, request: dr.KeyByIdRequest, _: Caller) -> dr.KeyResponse:
        for key in self.keys.values():
            if key.key_id == request.key_id:
                return dr.KeyResponse(key_id=key.key_id, person_id=key.owner_id, key=key.key)
        raise NotFoundError("no_key", "there is no such key")

    async def context(self, request: ca.ContextAroundRequest, _: Caller) -> ContextAroundResponse:
        same = [b for b in self.sent if b.key_id == request.key_id]
        return ContextAroundResponse(batches=same)


@pytest.fixture
async def stage(system: Any, bus_as: BusAs, run_role: Any, school: str) -> Stage:
    buses = {name: await bus_as(name) for name in ("capture", "directory", "gateway")}
    stage = Stage(school, buses, system.user_token)
    directory = buses["directory"]
    await directory.publish(
        SchoolState(school_id=school, shard=SHARD), tenant=school, message_id=school, id=school
    )
    for role, person in stage.people.items():
        state = PersonState(person_id=person, role=role)
        if role == "pupil":
            state.year_group = 9
        await directory.publish(state, tenant=school, message_id=person, id=person)

    async def unplayed(_: Any, __: Caller) -> Any:
        raise NotFoundError("unplayed", "this test does not play that")

    async def name_of(_: dr.NameOfRequest, __: Caller) -> dr.NameOfResponse:
        return dr.NameOfResponse(name=NAME)

    for name, answers in (
        ("directory", {dr.KeyByIdRequest: stage.key_by_id, dr.NameOfRequest: name_of}),
        ("capture", {ca.ContextAroundRequest: stage.context}),
    ):
        table = {ask.request: unplayed for ask in REGISTRY.asks_of(name)}
        await answer(buses[name], table | answers)
    await run_role("evaluation", evaluation.bootstrap, EvaluationSettings)
    await run_role("incidents", incidents.bootstrap, IncidentsSettings)
    return stage


async def test_a_worrying_sentence_becomes_an_incident_with_its_reason(stage: Stage) -> None:
    await stage.post("revising photosynthesis", "i want to kill myself tonight", "brb")
    (incident,) = await stage.inbox(1)
    assert (incident.theme, incident.severity, incident.year_group) == ("suicide", 5, 9)
    case = await stage.ask(iv.GetIncidentRequest(incident_id=incident.incident_id), iv.CaseView)
    (finding,) = case.findings
    assert finding.context_count == 2
    assert finding.why.available
    assert finding.why.base_severity >= 3
    assert [entry.kind for entry in case.timeline] == ["opened", "finding_joined"]
    assert b"kill" not in case.SerializeToString()
    assert NAME.encode() not in case.SerializeToString()


async def test_names_and_words_come_by_a_recorded_reveal_alone(stage: Stage) -> None:
    await stage.post("before", "i want to kill myself tonight", "after")
    (incident,) = await stage.inbox(1)
    request = iv.RevealRequest(incident_id=incident.incident_id, purpose="triage")
    shown = await stage.ask(request, iv.RevealResponse)
    assert shown.person_name == NAME
    (finding,) = shown.findings
    assert finding.activity.text == "i want to kill myself tonight"
    assert [a.text for a in finding.context] == ["before", "after"]
    assert finding.explanation.matched in finding.activity.text
    case = await stage.ask(iv.GetIncidentRequest(incident_id=incident.incident_id), iv.CaseView)
    last = case.timeline[-1]
    assert (last.kind, last.by_user, last.detail) == ("revealed", "u-1", "triage")
    with pytest.raises(VigilError) as refused:
        await stage.ask(
            iv.RevealRequest(incident_id=incident.incident_id, purpose="curious"),
            iv.RevealResponse,
        )
    assert refused.value.slug == "bad_purpose"


async def test_a_finding_of_the_same_family_joins_and_raises(stage: Stage) -> None:
    await stage.post("i feel so worthless and empty")
    (first,) = await stage.inbox(1)
    await stage.post("i want to kill myself tonight")
    async with asyncio.timeout(6):
        while True:
            (incident,) = await stage.inbox(1)
            if incident.finding_count == 2:
                break
            await asyncio.sleep(0.05)
    assert incident.incident_id == first.incident_id
    assert (incident.severity, first.severity < 5) == (5, True)


async def test_the_same_batch_again_changes_nothing(stage: Stage) -> None:
    batch = await stage.post("i want to kill myself tonight")
    (incident,) = await stage.inbox(1)
    for attempt in (1, 2):
        await stage.say(batch, attempt)
    await stage.post("where can i buy a knife for school to stab him")
    others = await stage.inbox(2)
    again = next(i for i in others if i.incident_id == incident.incident_id)
    assert again.finding_count == incident.finding_count == 1


async def test_staff_are_left_alone_until_a_policy_says_otherwise(stage: Stage) -> None:
    await stage.post("i want to kill myself tonight", role="staff")
    await stage.post("i want to kill myself tonight")
    assert len(await stage.inbox(1)) == 1
    with pytest.raises(ForbiddenError):
        await stage.ask(ev.PublishPolicyRequest(reason="x"), Written, role="dsl")
    await stage.ask(
        ev.PublishPolicyRequest(staff_enabled=True, reason="agreed by the governors"),
        Written,
        role="head",
    )
    policy = await stage.ask(ev.GetPolicyRequest(), ev.PolicyPublished, role="head")
    assert (policy.version, policy.staff_enabled) == (1, True)
    await asyncio.sleep(0.5)
    await stage.post("i want to kill myself tonight", role="staff")
    people = {incident.person_id for incident in await stage.inbox(2)}
    assert people == set(stage.people.values())


async def test_the_work_of_a_case(stage: Stage) -> None:
    await stage.post("i want to kill myself tonight")
    (incident,) = await stage.inbox(1)
    me = incident.incident_id
    await stage.ask(iv.AcknowledgeRequest(incident_id=me), Written)
    await stage.ask(iv.AddNoteRequest(incident_id=me, text="Spoke with her"), Written)
    with pytest.raises(VigilError) as refused:
        await stage.ask(iv.CloseIncidentRequest(incident_id=me, outcome="pastoral"), Written)
    assert refused.value.slug == "bad_rationale"
    written = await stage.ask(
        iv.CloseIncidentRequest(incident_id=me, outcome="pastoral", rationale="Safe, seen daily"),
        Written,
    )
    page = await stage.ask(
        iv.ListIncidentsRequest(after_position=written.position, state="closed"),
        iv.ListIncidentsResponse,
    )
    assert [row.incident.outcome for row in page.rows] == ["pastoral"]
    with pytest.raises(VigilError) as refused:
        await stage.ask(iv.AcknowledgeRequest(incident_id=me), Written)
    assert refused.value.slug == "incident_closed"
    shown = await stage.ask(
        iv.RevealRequest(incident_id=me, purpose="record_review"), iv.RevealResponse
    )
    assert [note.text for note in shown.notes] == ["Spoke with her", "Safe, seen daily"]
    # A closed incident takes no more; the next finding opens another.
    await stage.post("i want to kill myself tonight")
    assert len(await stage.inbox(2)) == 2


async def test_another_school_sees_nothing(stage: Stage) -> None:
    await stage.post("i want to kill myself tonight")
    (incident,) = await stage.inbox(1)
    other = str(uuid4())
    await stage.buses["directory"].publish(
        SchoolState(school_id=other, shard=SHARD), tenant=other, message_id=other, id=other
    )
    await asyncio.sleep(0.3)
    page = await stage.ask(iv.ListIncidentsRequest(), iv.ListIncidentsResponse, school=other)
    assert (page.total, len(page.rows)) == (0, 0)
    for request, reply in (
        (iv.GetIncidentRequest(incident_id=incident.incident_id), iv.CaseView),
        (iv.AcknowledgeRequest(incident_id=incident.incident_id), Written),
        (iv.AddNoteRequest(incident_id=incident.incident_id, text="x"), Written),
        (
            iv.CloseIncidentRequest(
                incident_id=incident.incident_id, outcome="monitor", rationale="x"
            ),
            Written,
        ),
        (iv.RevealRequest(incident_id=incident.incident_id, purpose="triage"), iv.RevealResponse),
    ):
        with pytest.raises(NotFoundError):
            await stage.ask(request, reply, school=other)


async def test_the_inbox_pages_and_filters(stage: Stage) -> None:
    await stage.post("i want to kill myself tonight")
    await stage.post("where can i buy a knife for school to stab him")
    await stage.inbox(2)
    first = await stage.ask(iv.ListIncidentsRequest(first=1), iv.ListIncidentsResponse)
    assert (first.total, first.has_next, len(first.rows)) == (2, True, 1)
    second = await stage.ask(
        iv.ListIncidentsRequest(first=1, after=first.rows[0].cursor), iv.ListIncidentsResponse
    )
    assert not second.has_next
    assert second.rows[0].incident.incident_id != first.rows[0].incident.incident_id
    only = await stage.ask(
        iv.ListIncidentsRequest(family="harm_to_self", minimum_severity=5, year_group=9),
        iv.ListIncidentsResponse,
    )
    assert [row.incident.family for row in only.rows] == ["harm_to_self"]
    for bad in (
        iv.ListIncidentsRequest(first=101),
        iv.ListIncidentsRequest(after="nonsense"),
        iv.ListIncidentsRequest(after_position="99:1"),
    ):
        with pytest.raises(VigilError):
            await stage.ask(bad, iv.ListIncidentsResponse)


async def test_what_is_published_says_its_position_and_no_word(stage: Stage) -> None:
    await stage.post("i want to kill myself tonight")
    (incident,) = await stage.inbox(1)
    heard: list[tuple[str, str, str]] = []
    stop = asyncio.Event()

    async def hear(message: Any, meta: Any) -> None:
        assert b"kill" not in message.SerializeToString()
        heard.append((type(message).__name__, meta.position, meta.previous))

    subject = f"incidents.{stage.school}.{incident.incident_id}"
    listening = asyncio.create_task(
        follow(stage.buses["gateway"], "INCIDENTS", subject, hear, stop, deliver=DeliverPolicy.ALL)
    )
    async with asyncio.timeout(5):
        while len(heard) < 2:  # noqa: ASYNC110 - what it waits for comes by a callback
            await asyncio.sleep(0.05)
    stop.set()
    await listening
    assert [name for name, _, _ in heard] == ["IncidentOpened", "FindingJoined"]
    (_, first, _), (_, second, previous) = heard
    assert first.startswith(f"{SHARD}:")
    assert previous == first.partition(":")[2]
    assert int(second.partition(":")[2]) == int(previous) + 1
