"""Alerting run whole in this process, with a real mail server; its neighbours are played."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from email import message_from_bytes, policy
from email.message import EmailMessage
from itertools import count
from typing import Any
from uuid import uuid4

import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session
from google.protobuf.message import Message

from chassis.auth import Caller
from chassis.bus import headers as h
from chassis.bus.answer import Answer, answer
from chassis.bus.bus import Bus
from chassis.bus.consume import consume
from chassis.clock import now_ms
from chassis.errors import NotFoundError
from chassis.service import Task
from contracts.alerting.v1 import alerting_pb2 as al
from contracts.common.v1.common_pb2 import Written
from contracts.directory.v1.requests_pb2 import (
    ContactOfRequest,
    ContactOfResponse,
    ListSchoolsRequest,
    ListSchoolsResponse,
    School,
)
from contracts.directory.v1.states_pb2 import SchoolState, UserState
from contracts.incidents.v1 import events_pb2 as ie
from contracts.registry import REGISTRY
from services.alerting.bootstrap import bootstrap
from services.alerting.settings import Settings

BusAs = Callable[[str], Awaitable[Bus]]
SHARD = 7
WITHIN_S = 15.0
_numbers = count(now_ms())


class Mailbox:
    """A mail server that can be away, refuse an address, or say nothing for a while."""

    def __init__(self) -> None:
        self.port = 0
        self.mails: list[tuple[str, EmailMessage]] = []
        self.refuses: dict[str, str] = {}
        self.holds: dict[str, asyncio.Event] = {}
        self.asked: list[str] = []
        self._server: asyncio.Server | None = None

    async def open(self) -> None:
        self._server = await asyncio.get_running_loop().create_server(
            lambda: SMTP(self, hostname="localhost"), host="127.0.0.1", port=self.port
        )
        # Away and back again, it is at the same place.
        self.port = self._server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        for held in self.holds.values():
            held.set()
        if self._server is not None:
            self._server.close()

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: object
    ) -> str:
        self.asked.append(address)
        if address in self.refuses:
            return self.refuses[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        (to,) = envelope.rcpt_tos
        if to in self.holds:
            await self.holds[to].wait()
        mail = message_from_bytes(envelope.original_content or b"", policy=policy.default)
        assert isinstance(mail, EmailMessage)
        self.mails.append((to, mail))
        return "250 OK"

    def to(self, address: str) -> list[EmailMessage]:
        return [mail for to, mail in self.mails if to == address]


class Stage:
    """One school with its staff, what its services say and what alerting answers."""

    def __init__(self, system: Any, buses: dict[str, Bus], mailbox: Mailbox) -> None:
        self._system = system
        self.buses = buses
        self.mailbox = mailbox
        self.school = str(uuid4())
        self.contacts: dict[str, str] = {}

    async def founded(self, *roles: str) -> "Stage":
        """Directory names the school and one user for each role."""
        await self.buses["directory"].publish(
            SchoolState(school_id=self.school, shard=SHARD, time_zone="Europe/London"),
            tenant=self.school,
            message_id=str(uuid4()),
            id=self.school,
        )
        for role in roles:
            await self.hired(role)
        return self

    async def hired(self, role: str, *, active: bool = True) -> str:
        user = f"{role.replace('_', '-')}-{self.school}"
        self.contacts[user] = self.address(role)
        await self.buses["directory"].publish(
            UserState(user_id=user, role=role, active=active),
            tenant=self.school,
            message_id=str(uuid4()),
            id=user,
        )
        return user

    def address(self, role: str) -> str:
        return f"{role}@{self.school}.example"

    def mails(self, role: str) -> list[EmailMessage]:
        return self.mailbox.to(self.address(role))

    async def say(self, message: Any, number: int | None = None) -> int:
        """Incidents says something; the same ``number`` again is the same message again."""
        number = number or next(_numbers)
        await self.buses["incidents"].publish(
            message,
            tenant=self.school,
            message_id=str(uuid4()),
            extra={h.POSITION: f"{SHARD}:{number}"},
            incident=message.incident_id,
        )
        return number

    async def opened(self, severity: int = 4) -> tuple[str, int]:
        message = ie.IncidentOpened(
            incident_id=str(uuid4()),
            reference="VG-7K3Q2",
            theme="self_harm",
            severity=severity,
            year_group=9,
        )
        return message.incident_id, await self.say(message)

    async def plan(self, *steps: tuple[str, int], minimum: int = 3) -> Written:
        """Set by the head: (role, wait in ms)."""
        request = al.SetPlanRequest(
            plan=al.Plan(
                steps=[al.PlanStep(role=role, wait_ms=wait) for role, wait in steps],
                minimum_severity=minimum,
            )
        )
        written: Written = await self.ask(request, Written, role="head")
        return written

    async def ask(self, request: Message, reply: type[Any], role: str = "dsl") -> Any:
        return await self.buses["gateway"].ask(
            request, reply, token=self._system.user_token(self.school, role)
        )

    async def escalations(self, incident: str) -> list[al.EscalationView]:
        request = al.ListEscalationsRequest(incident_id=incident)
        return list((await self.ask(request, al.ListEscalationsResponse)).escalations)

    async def states(self, incident: str) -> dict[int, str]:
        return {one.severity: one.state for one in await self.escalations(incident)}

    async def alerts(self) -> list[str]:
        """What alerting has said in ALERTS about this school, in order."""
        js = self.buses["provisioner"].js
        subscription = await js.subscribe(
            f"alerts.{self.school}.>", stream="ALERTS", ordered_consumer=True
        )
        said = []
        with contextlib.suppress(TimeoutError):
            while True:
                message = await subscription.next_msg(timeout=0.3)
                said.append((message.headers or {})[h.TYPE].split(".")[1])
        await subscription.unsubscribe()
        return said

    async def until(self, judge: Callable[[], Any], within_s: float = WITHIN_S) -> Any:
        """What ``judge`` gives, once it is true; it may be a coroutine function."""
        async with asyncio.timeout(within_s):
            while True:
                found = judge()
                if asyncio.iscoroutine(found):
                    found = await found
                if found:
                    return found
                await asyncio.sleep(0.03)


@pytest.fixture
async def mailbox() -> AsyncIterator[Mailbox]:
    box = Mailbox()
    await box.open()
    yield box
    await box.close()


@pytest.fixture
def environment(system: Any, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    found = {
        **system.environment("alerting"),
        "SMTP_HOST": "127.0.0.1",
        "SMTP_PORT": str(mailbox.port),
        "SMTP_STARTTLS": "false",
        "MAIL_FROM": "vigil@vigil.example",
        "LINK_BASE": "https://vigil.example",
        "SWEEP_EVERY_S": "0.5",
    }
    for name, value in found.items():
        monkeypatch.setenv(name, value)
    # A consumer stops when its fetch ends.
    monkeypatch.setattr("chassis.bus.consume.FETCH_S", 0.3)
    return found


async def _awaited(task: Task, stop: asyncio.Event) -> None:
    await task(stop)


@contextlib.asynccontextmanager
async def alerting(bus: Bus) -> AsyncIterator[None]:
    """The role as its process runs it."""
    parts = await bootstrap(Settings.load(), bus)
    stop = asyncio.Event()
    await answer(bus, parts.answers)
    async with asyncio.TaskGroup() as tasks:
        for durable, handlers in parts.consumers:
            tasks.create_task(consume(bus, durable, handlers, stop))
        started = {name: tasks.create_task(_awaited(task, stop)) for name, task in parts.tasks}
        async with asyncio.timeout(10):
            while not all(ready() for ready in parts.ready.values()):  # noqa: ASYNC110 - as a probe
                await asyncio.sleep(0.02)
        try:
            yield
        finally:
            stop.set()
            # A follower sees a stop within a second; there is nothing to wait for.
            started["directory"].cancel()
    assert bus.healthy, bus.refused
    for close in parts.closing:
        await close()


@pytest.fixture
async def running(environment: dict[str, str], bus_as: BusAs) -> AsyncIterator[None]:  # noqa: ARG001 - read by Settings
    async with alerting(await bus_as("alerting")):
        yield


Founding = Callable[..., Awaitable[Stage]]


@pytest.fixture
async def found(system: Any, bus_as: BusAs, mailbox: Mailbox) -> Founding:
    """Found a school with users of the given roles; directory answers for its contacts."""
    buses = {
        name: await bus_as(name) for name in ("incidents", "directory", "gateway", "provisioner")
    }
    stages: dict[str, Stage] = {}

    async def contact_of(request: ContactOfRequest, caller: Caller) -> ContactOfResponse:
        email = stages[caller.tenant].contacts.get(request.user_id)
        if email is None:
            raise NotFoundError("no_such_user", "there is no such user")
        return ContactOfResponse(name="Helen Carrick", email=email)

    async def nothing(_request: Message, _caller: Caller) -> Message:
        raise NotFoundError("nothing", "this directory knows contacts only")

    async def list_schools(_request: ListSchoolsRequest, _caller: Caller) -> ListSchoolsResponse:
        return ListSchoolsResponse(
            schools=[
                School(state=SchoolState(school_id=school, slug=f"slug-{school}", shard=SHARD))
                for school in stages
            ]
        )

    answers: dict[type[Message], Answer] = {
        ask.request: nothing for ask in REGISTRY.asks_of("directory")
    }
    answers |= {ContactOfRequest: contact_of, ListSchoolsRequest: list_schools}
    await answer(buses["directory"], answers)

    async def founding(*roles: str) -> Stage:
        stage = Stage(system, buses, mailbox)
        stages[stage.school] = stage
        return await stage.founded(*roles)

    return founding
