"""A gateway served in-process, with its neighbours played on the real bus."""

import asyncio
import contextlib
import json
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
import websockets
from websockets.asyncio.client import ClientConnection

from chassis.auth import Caller
from chassis.bus.answer import answer
from chassis.bus.bus import Bus
from chassis.bus.consume import consume
from chassis.errors import ConflictError, NotFoundError
from chassis.http.server import serve
from chassis.service import Parts
from contracts.alerting.v1 import alerting_pb2 as al
from contracts.common.v1 import common_pb2 as co
from contracts.incidents.v1 import events_pb2 as ie
from contracts.incidents.v1 import views_pb2 as iv
from gateway.bootstrap import bootstrap
from gateway.settings import Settings

OPENED_MS = 1_795_554_600_000


def view(incident_id: str, *, severity: int = 4, state: str = "open") -> iv.IncidentView:
    return iv.IncidentView(
        incident_id=incident_id,
        reference="2026-0001",
        person_id="p-1",
        family="harm",
        theme="self_harm",
        themes=["self_harm", "bullying"],
        severity=severity,
        state=state,
        finding_count=1,
        opened_at_ms=OPENED_MS,
        last_finding_at_ms=OPENED_MS + 1,
    )


@dataclass
class Incidents:
    """The incidents service of these tests: its answers are what a test put in."""

    views: dict[str, dict[str, iv.IncidentView]] = field(default_factory=dict)
    asked: list[Any] = field(default_factory=list)
    reading: asyncio.Event = field(default_factory=asyncio.Event)
    """Cleared to hold every read of an incident back."""

    def __post_init__(self) -> None:
        self.reading.set()

    def put(self, school: str, incident: iv.IncidentView) -> None:
        self.views.setdefault(school, {})[incident.incident_id] = incident

    def _get(self, incident_id: str, caller: Caller) -> iv.IncidentView:
        found = self.views.get(caller.tenant, {}).get(incident_id)
        if found is None:
            raise NotFoundError("no_such_incident", "there is no such incident")
        return found

    async def list(self, request: iv.ListIncidentsRequest, caller: Caller) -> Any:
        self.asked.append(request)
        held = list(self.views.get(caller.tenant, {}).values())
        start = int(request.after or 0)
        page = held[start : start + request.first]
        return iv.ListIncidentsResponse(
            rows=[
                iv.IncidentRow(cursor=str(start + i + 1), incident=v) for i, v in enumerate(page)
            ],
            has_next=start + len(page) < len(held),
            total=len(held),
        )

    async def get(self, request: iv.GetIncidentRequest, caller: Caller) -> Any:
        await self.reading.wait()
        self.asked.append(request)
        return iv.CaseView(
            incident=self._get(request.incident_id, caller),
            timeline=[iv.TimelineEntry(kind="opened", at_ms=OPENED_MS)],
            findings=[
                iv.FindingView(
                    finding_id="f-1",
                    theme="self_harm",
                    severity=4,
                    confidence=0.9,
                    occurred_at_ms=OPENED_MS,
                    received_at_ms=OPENED_MS,
                    why=iv.Why(summary="A phrase of the theme.", available=True),
                ),
                iv.FindingView(finding_id="f-2", occurred_at_ms=1, received_at_ms=1),
            ],
        )

    async def acknowledge(self, request: iv.AcknowledgeRequest, caller: Caller) -> Any:
        found = self._get(request.incident_id, caller)
        if found.state == "closed":
            raise ConflictError("incident_closed", "the incident is closed")
        found.state = "acknowledged"
        return co.Written(position="3:18")

    async def note(self, request: iv.AddNoteRequest, caller: Caller) -> Any:
        self.asked.append(request)
        self._get(request.incident_id, caller)
        return co.Written(position="3:19")

    async def close(self, request: iv.CloseIncidentRequest, caller: Caller) -> Any:
        self._get(request.incident_id, caller).state = "closed"
        return co.Written(position="3:20")

    async def reveal(self, request: iv.RevealRequest, caller: Caller) -> Any:
        self._get(request.incident_id, caller)
        finding = iv.RevealedFinding(finding_id="f-1")
        finding.activity.text = "the pupil's words"
        finding.activity.occurred_at_ms = OPENED_MS
        return iv.RevealResponse(
            person_name="Sam Example",
            findings=[finding, iv.RevealedFinding(finding_id="f-2")],
            position="3:21",
        )

    async def answer_as(self, bus: Bus) -> None:
        await answer(
            bus,
            {
                iv.ListIncidentsRequest: self.list,
                iv.GetIncidentRequest: self.get,
                iv.AcknowledgeRequest: self.acknowledge,
                iv.AddNoteRequest: self.note,
                iv.CloseIncidentRequest: self.close,
                iv.RevealRequest: self.reveal,
            },
        )


@pytest.fixture
async def incidents(bus_as: Any) -> Incidents:
    played = Incidents()
    await played.answer_as(await bus_as("incidents"))
    return played


@pytest.fixture
async def alerting(bus_as: Any) -> None:
    async def plan(_: Any, __: Caller) -> Any:
        return al.GetPlanResponse(
            plan=al.Plan(
                steps=[al.PlanStep(role="dsl", wait_ms=30 * 86_400_000)], minimum_severity=3
            ),
            is_default=True,
        )

    async def set_plan(request: al.SetPlanRequest, _: Caller) -> Any:
        assert request.plan.steps[0].wait_ms == 600_000
        return co.Written(position="3:40")

    async def escalations(request: al.ListEscalationsRequest, _: Caller) -> Any:
        sent = al.NotificationView(step=1, user_id="u-1", requested_at_ms=OPENED_MS)
        return al.ListEscalationsResponse(
            escalations=[
                al.EscalationView(
                    escalation_id="e-1",
                    incident_id=request.incident_id,
                    state="running",
                    started_at_ms=OPENED_MS,
                    notifications=[sent],
                )
            ]
        )

    await answer(
        await bus_as("alerting"),
        {
            al.GetPlanRequest: plan,
            al.SetPlanRequest: set_plan,
            al.ListEscalationsRequest: escalations,
        },
    )


@dataclass
class Socket:
    """A graphql-transport-ws client, a message at a time."""

    ws: ClientConnection

    async def send(self, **message: Any) -> None:
        await self.ws.send(json.dumps(message))

    async def receive(self) -> Any:
        return json.loads(await asyncio.wait_for(self.ws.recv(), 5))

    async def subscribe(self, query: str, id_: str = "1") -> None:
        await self.send(id=id_, type="subscribe", payload={"query": query})
        # The server starts an operation in a task; a ping is answered after it was started.
        await self.send(type="ping")
        assert (await self.receive())["type"] == "pong"
        await asyncio.sleep(0.05)


@dataclass
class Gateway:
    """A gateway that serves, and clients of it."""

    url: str
    parts: Parts
    stop: asyncio.Event
    serving: asyncio.Task[None]
    http: httpx.AsyncClient

    async def graphql(self, token: str, query: str, **variables: Any) -> Any:
        response = await self.http.post(
            "/graphql",
            content=json.dumps({"query": query, "variables": variables}),
            headers={
                "authorization": f"Bearer {token}",
                "content-type": "application/json",
            },
        )
        assert response.status_code == 200, response.text
        return response.json()

    @contextlib.asynccontextmanager
    async def socket(self, token: str | None = None) -> AsyncIterator[Socket]:
        url = self.url.replace("http", "ws") + "/graphql"
        async with websockets.connect(url, subprotocols=["graphql-transport-ws"]) as ws:
            socket = Socket(ws)
            if token is not None:
                await socket.send(
                    type="connection_init", payload={"authorization": f"Bearer {token}"}
                )
                assert (await socket.receive())["type"] == "connection_ack"
            yield socket


Start = Callable[..., Awaitable[Gateway]]


@pytest.fixture
async def start(system: Any, bus_as: Any) -> AsyncIterator[Start]:
    """Serve a gateway with settings of one's own, and with the feed's consumers if wanted."""
    started: list[tuple[Gateway, list[asyncio.Task[Any]], list[asyncio.Task[Any]]]] = []

    async def one(*, feeding: bool = False, **settings: Any) -> Gateway:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        chosen = Settings(
            nats_url=system.nats.url,
            nats_password="unused",
            role_key="unused",
            trust_file=system.trust,
            http_port=port,
            link_base="https://vigil.example/",
            **{"introspection": True, **settings},
        )
        bus = await bus_as("gateway")
        parts = await bootstrap(chosen, bus)
        assert parts.http is not None
        stop = asyncio.Event()
        tasks = [asyncio.create_task(task(stop)) for _, task in parts.tasks]
        consuming = [
            asyncio.create_task(consume(bus, durable, handlers, stop))
            for durable, handlers in (parts.consumers if feeding else ())
        ]
        serving = asyncio.create_task(
            serve(parts.http, "127.0.0.1", port, stop, parts.before_http_stops)
        )
        http = httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=10)
        gateway = Gateway(f"http://127.0.0.1:{port}", parts, stop, serving, http)
        started.append((gateway, tasks, consuming))
        async with asyncio.timeout(10):
            while True:
                with contextlib.suppress(httpx.TransportError):
                    await http.get("/")
                    if all(check() for check in parts.ready.values()):
                        return gateway
                await asyncio.sleep(0.02)

    yield one
    for gateway, tasks, consuming in started:
        await gateway.http.aclose()
        gateway.stop.set()
        await asyncio.wait_for(gateway.serving, 5)
        # A fetch is never cancelled: it would strand messages for the next test.
        await asyncio.gather(*consuming)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


Say = Callable[..., Awaitable[None]]


@pytest.fixture
async def say(bus_as: Any) -> Say:
    """Publish an incident's event as incidents would."""
    bus = await bus_as("incidents")

    async def publish(school: str, event: Any, position: str = "3:30") -> None:
        await bus.publish(
            event,
            tenant=school,
            message_id=f"{school}-{position.replace(':', '-')}-{type(event).__name__}",
            extra={"Vigil-Position": position},
            incident=event.incident_id,
        )

    return publish


@pytest.fixture
def acknowledged() -> Callable[[str], ie.IncidentAcknowledged]:
    return lambda incident_id: ie.IncidentAcknowledged(
        incident_id=incident_id, by_user="u-1", at_ms=OPENED_MS + 60_000
    )


@pytest.fixture
def incident_view() -> Callable[..., iv.IncidentView]:
    return view
