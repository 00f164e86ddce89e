"""Capture as agents meet it, over HTTP, on the real stream; directory is played."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from hashlib import sha256
from typing import Any
from uuid import uuid4

import httpx
import nats
import pytest

from chassis.auth import Caller
from chassis.bus.answer import answer
from chassis.bus.bus import Bus
from chassis.clock import now_ms
from chassis.errors import NotFoundError, TransientError
from chassis.http.server import serve
from chassis.sealing import SealKey
from chassis.service import Parts
from contracts.activity import MAX_BODY_BYTES
from contracts.capture.v1 import capture_pb2 as ca
from contracts.directory.v1 import requests_pb2 as dr
from contracts.directory.v1.states_pb2 import DeviceState, SchoolState
from contracts.registry import REGISTRY
from services.capture import bootstrap as capture
from services.capture.settings import Settings
from vigil.embedded.ports import choose_port

BusAs = Callable[[str], Awaitable[Bus]]


class Devices:
    """A school's devices, and the directory that enrolled them."""

    def __init__(self, school: str, directory: Bus, client: httpx.AsyncClient) -> None:
        self.school = school
        self.directory = directory
        self.client = client
        self.keys_away = False
        self.keys: dict[str, SealKey] = {}

    async def enrol(self, *, school: str | None = None, active: bool = True) -> tuple[str, str]:
        school, device, token = school or self.school, str(uuid4()), str(uuid4())
        await self.directory.publish(
            DeviceState(
                device_id=device,
                name=device[:8],
                kind="laptop",
                token_hash=sha256(token.encode()).hexdigest(),
                active=active,
            ),
            tenant=school,
            message_id=device,
            id=device,
        )
        await asyncio.sleep(0.2)
        return device, token

    async def post(self, token: str, body: Any, **headers: str) -> httpx.Response:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        return await self.client.post(
            "/v1/activities",
            content=content,
            headers={"authorization": f"Bearer {token}", **headers},
        )

    async def key_for(self, request: dr.KeyForIdentityRequest, caller: Caller) -> dr.KeyResponse:
        assert caller.subject == "capture"
        if self.keys_away:
            raise TransientError("store_away", "the keys are away")
        name = f"{caller.tenant}-{request.login}"
        key = self.keys.setdefault(
            name, SealKey(sha256(name.encode()).hexdigest()[:32], str(uuid4()), b"7" * 32)
        )
        return dr.KeyResponse(key_id=key.key_id, person_id=key.owner_id, key=key.key)


def batch(batch_id: str = "b-1", login: str = "x", count: int = 1, **fields: Any) -> dict[str, Any]:
    return {
        "batch_id": batch_id,
        "activities": [
            {
                "id": f"{batch_id}-{n}",
                "occurred_at_ms": now_ms() - 1000,
                "kind": "text_typed",
                "login": login,
                "text": "zorblefinch",
                **fields,
            }
            for n in range(count)
        ],
    }


@pytest.fixture
async def devices(
    bus_as: BusAs, run_role: Any, school: str, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Devices]:
    directory, port = await bus_as("directory"), choose_port(set())
    client = httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}")
    played = Devices(school, directory, client)

    async def unplayed(_: Any, __: Caller) -> Any:
        raise NotFoundError("unplayed", "this test does not play that")

    table = {ask.request: unplayed for ask in REGISTRY.asks_of("directory")}
    await answer(directory, table | {dr.KeyForIdentityRequest: played.key_for})
    await directory.publish(
        SchoolState(school_id=school, shard=1, retention_days=2),
        tenant=school,
        message_id=school,
        id=school,
    )

    async def with_http(settings: Settings, bus: Bus) -> Parts:
        parts = await capture.bootstrap(settings, bus)
        app = parts.http
        assert app is not None
        parts.tasks = [
            *parts.tasks,
            ("http", lambda stop: serve(app, "127.0.0.1", port, stop)),
        ]
        return parts

    monkeypatch.setattr("chassis.bus.bus.PUBLISH_WITHIN_S", 1.5)
    await run_role(
        "capture",
        with_http,
        Settings,
        HTTP_PORT=str(port),
        SILENT_AFTER_S="1",
        COVERAGE_EVERY_S="0.2",
    )
    async with asyncio.timeout(5):
        while True:
            try:
                await client.get("/v1/schema")
                break
            except httpx.ConnectError:
                await asyncio.sleep(0.05)
    yield played
    await client.aclose()


async def test_a_batch_is_sealed_as_it_came_and_acknowledged(devices: Devices, system: Any) -> None:
    device, token = await devices.enrol()
    body = json.dumps(batch(count=3), indent=1).encode()
    answered = await devices.post(token, body)
    assert (answered.status_code, answered.json()) == (202, {"accepted": 3, "duplicate": False})
    again = await devices.post(token, body)
    assert again.json() == {"accepted": 3, "duplicate": True}
    stored = await _stored(system, devices.school, device)
    message = ca.ActivityBatch.FromString(stored.data)
    assert b"zorblefinch" not in stored.data
    key = devices.keys[f"{devices.school}-x"]
    assert key.open(message.sealed, f"activity:{device}:b-1") == body
    assert (message.person_id, message.count, message.batch_id) == (key.owner_id, 3, "b-1")
    assert stored.headers["Nats-TTL"] == str(2 * 86_400)


async def _stored(system: Any, school: str, device: str) -> Any:
    nc = await nats.connect(
        system.nats.url,
        user="provisioner",
        password=(system.secrets_dir("provisioner") / "nats_password").read_text(),
        inbox_prefix=b"_INBOX.provisioner",
    )
    try:
        return await nc.jetstream().get_last_msg("ACTIVITY", f"activity.{school}.{device}")
    finally:
        await nc.close()


async def test_who_may_not_post(devices: Devices) -> None:
    device, token = await devices.enrol()
    other, other_token = await devices.enrol(school=str(uuid4()))
    _, gone = await devices.enrol(active=False)
    assert (await devices.client.post("/v1/activities")).status_code == 401
    unknown = await devices.post("no-such-token", batch())
    assert (unknown.status_code, unknown.json()["code"]) == (401, "bad_device_token")
    assert unknown.headers["www-authenticate"] == "Bearer"
    assert unknown.headers["content-type"] == "application/problem+json"
    foreign = await devices.post(token, batch(), **{"vigil-device": other})
    assert (foreign.status_code, foreign.json()["code"]) == (403, "other_device")
    assert (await devices.post(other_token, batch(), **{"vigil-device": device})).status_code == 403
    assert (await devices.post(gone, batch())).status_code == 403
    assert (await devices.post(token, batch(), **{"vigil-device": device})).status_code == 202


async def test_what_is_refused_is_refused_whole(devices: Devices) -> None:
    _, token = await devices.enrol()
    large = await devices.post(token, b" " * (MAX_BODY_BYTES + 1))
    assert (large.status_code, large.json()["code"]) == (413, "body_too_large")
    many = batch(count=3)
    many["activities"][2]["kind"] = "thought"
    refused = await devices.post(token, many)
    assert refused.status_code == 422
    assert (refused.json()["index"], refused.json()["field"]) == (2, "kind")
    assert "refused whole" in refused.json()["detail"]


async def test_keys_away_is_worth_another_try(devices: Devices) -> None:
    _, token = await devices.enrol()
    devices.keys_away = True
    away = await devices.post(token, batch())
    assert (away.status_code, away.headers["retry-after"]) == (503, "5")
    devices.keys_away = False
    assert (await devices.post(token, batch())).status_code == 202


async def test_context_is_one_identity_s_on_one_device(
    devices: Devices, bus_as: BusAs, system: Any
) -> None:
    device, token = await devices.enrol()
    _, other_token = await devices.enrol()
    for n in range(6):
        await devices.post(token, batch(f"mine-{n}"))
        await devices.post(token, batch(f"theirs-{n}", login="y"))
        await devices.post(other_token, batch(f"elsewhere-{n}"))
    key = devices.keys[f"{devices.school}-x"]
    incidents = await bus_as("incidents")
    last = (await _stored(system, devices.school, device)).seq
    # The middle: "mine-3" is the last but 5 of 18 messages before the end.
    found = await incidents.ask(
        ca.ContextAroundRequest(
            device_id=device, key_id=key.key_id, sequence=last - 7, each_side=2
        ),
        ca.ContextAroundResponse,
        tenant=devices.school,
    )
    assert [b.batch_id for b in found.batches] == [f"mine-{n}" for n in (1, 2, 3, 4, 5)]
    with pytest.raises(NotFoundError):
        await incidents.ask(
            ca.ContextAroundRequest(
                device_id=str(uuid4()), key_id=key.key_id, sequence=last, each_side=2
            ),
            ca.ContextAroundResponse,
            tenant=devices.school,
        )


async def test_a_device_falls_silent_and_is_heard_again(
    devices: Devices, bus_as: BusAs, system: Any
) -> None:
    device, token = await devices.enrol()
    never, _ = await devices.enrol()
    gateway = await bus_as("gateway")

    async def states() -> dict[str, str]:
        listed = await gateway.ask(
            ca.ListCoverageRequest(),
            ca.ListCoverageResponse,
            token=system.user_token(devices.school, "it"),
        )
        return {row.device_id: row.state for row in listed.devices}

    async def until(state: str) -> None:
        async with asyncio.timeout(8):
            while (await states())[device] != state:  # noqa: ASYNC110 - asked over the bus
                await asyncio.sleep(0.1)

    beat = {"authorization": f"Bearer {token}"}
    assert (await devices.client.post("/v1/heartbeat", headers=beat)).status_code == 204
    await until("active")
    await until("silent")
    await devices.client.post("/v1/heartbeat", headers=beat)
    await until("active")
    assert (await states())[never] == "never_seen"


async def test_the_schema_is_served(devices: Devices) -> None:
    served = (await devices.client.get("/v1/schema")).json()
    activity = served["$defs"]["Activity"]
    assert activity["required"] == ["id", "occurred_at_ms", "kind", "login"]
    assert (await devices.client.get("/openapi.json")).status_code == 200
    assert (await devices.client.get("/nowhere")).json()["code"] == "no_such_route"
