"""Changes pushed over graphql-transport-ws, to the last close code."""

import asyncio
import contextlib
import time
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed

from chassis.bus.consume import Meta
from chassis.clock import now_ms
from contracts.incidents.v1 import events_pb2 as ie
from gateway.streams.hub import Hub

CHANGES = "subscription { incidentChanged { kind missed incident { incidentId state } } }"
SERIOUS = "subscription { incidentChanged(minimumSeverity: 4) { missed incident { incidentId } } }"


async def closed(socket: Any) -> tuple[int, str]:
    with contextlib.suppress(ConnectionClosed):
        while True:
            await socket.receive()
    return socket.ws.close_code, socket.ws.close_reason


async def test_a_change_is_pushed_and_never_ahead_of_a_query(
    start: Any,
    incidents: Any,
    system: Any,
    school: str,
    incident_view: Any,
    say: Any,
    acknowledged: Any,
) -> None:
    incidents.put(school, incident_view("i-1", state="acknowledged"))
    gateway = await start()
    async with gateway.socket(system.user_token(school, "dsl")) as socket:
        await socket.subscribe(CHANGES)
        await say(school, acknowledged("i-1"), "3:30")
        pushed = await socket.receive()
        assert pushed == {
            "id": "1",
            "type": "next",
            "payload": {
                "data": {
                    "incidentChanged": {
                        "kind": "acknowledged",
                        "missed": 0,
                        "incident": {"incidentId": "i-1", "state": "ACKNOWLEDGED"},
                    }
                }
            },
        }
        assert incidents.asked[-1].after_position == "3:30"
        await socket.send(id="1", type="complete")
        await socket.send(type="ping")
        assert await socket.receive() == {"type": "pong"}


async def test_another_schools_change_and_a_lesser_one_are_not_pushed(
    start: Any,
    incidents: Any,
    system: Any,
    school: str,
    incident_view: Any,
    say: Any,
    acknowledged: Any,
) -> None:
    other = f"other-{school[:8]}"
    incidents.put(other, incident_view("i-1"))
    incidents.put(school, incident_view("i-2", severity=3))
    incidents.put(school, incident_view("i-3", severity=4))
    gateway = await start()
    async with gateway.socket(system.user_token(school, "dsl")) as socket:
        await socket.subscribe(SERIOUS)
        await say(other, acknowledged("i-1"), "3:31")
        await say(school, acknowledged("i-2"), "3:32")
        await say(school, acknowledged("i-erased"), "3:33")
        await say(school, acknowledged("i-3"), "3:34")
        pushed = await socket.receive()
        assert pushed["payload"]["data"]["incidentChanged"] == {
            "missed": 0,
            "incident": {"incidentId": "i-3"},
        }
        asked = {request.incident_id for request in incidents.asked}
        assert asked == {"i-2", "i-erased", "i-3"}


async def test_a_slow_client_is_told_what_it_missed(
    start: Any,
    incidents: Any,
    system: Any,
    school: str,
    incident_view: Any,
    say: Any,
    acknowledged: Any,
) -> None:
    for number in range(6):
        incidents.put(school, incident_view(f"i-{number}"))
    incidents.reading.clear()
    gateway = await start(subscription_queue=2)
    async with gateway.socket(system.user_token(school, "dsl")) as socket:
        await socket.subscribe(CHANGES)
        for number in range(6):
            await say(school, acknowledged(f"i-{number}"), f"3:4{number}")
        await asyncio.sleep(0.1)
        incidents.reading.set()
        told = [(await socket.receive())["payload"]["data"]["incidentChanged"] for _ in range(3)]
        assert [(t["incident"]["incidentId"], t["missed"]) for t in told][1:] == [
            ("i-4", 3),
            ("i-5", 0),
        ]


async def test_a_socket_without_a_valid_token_is_closed(start: Any) -> None:
    gateway = await start()
    for payload in ({}, {"authorization": "Bearer nonsense"}, {"authorization": 7}):
        async with gateway.socket() as socket:
            await socket.send(type="connection_init", payload=payload)
            assert await closed(socket) == (4403, "Forbidden")


async def test_a_socket_that_has_not_signed_in_may_not_ask(start: Any) -> None:
    gateway = await start()
    async with gateway.socket() as socket:
        await socket.send(id="1", type="subscribe", payload={"query": CHANGES})
        assert (await closed(socket))[0] == 4401


async def test_a_role_that_may_not_read_incidents_learns_it_at_once(
    start: Any, system: Any, school: str
) -> None:
    gateway = await start()
    async with gateway.socket(system.user_token(school, "governor")) as socket:
        await socket.send(id="1", type="subscribe", payload={"query": CHANGES})
        refused = await socket.receive()
        (error,) = refused["payload"]["errors"]
        assert error["extensions"] == {"code": "FORBIDDEN", "slug": "forbidden"}
        assert await socket.receive() == {"id": "1", "type": "complete"}


@pytest.mark.usefixtures("incidents")
async def test_a_subscription_ends_with_its_token(start: Any, system: Any, school: str) -> None:
    gateway = await start()
    began = time.monotonic()
    async with gateway.socket(system.user_token(school, "dsl", ttl_s=2)) as socket:
        await socket.subscribe(CHANGES)
        ended = await socket.receive()
        assert ended["payload"]["errors"][0]["extensions"] == {
            "code": "UNAUTHENTICATED",
            "slug": "token_expired",
        }
        assert await socket.receive() == {"id": "1", "type": "complete"}
        assert time.monotonic() - began < 3
        await socket.send(
            id="2", type="subscribe", payload={"query": "{ incidents { totalCount } }"}
        )
        refused = await socket.receive()
        (error,) = refused["payload"]["errors"]
        assert error["extensions"]["slug"] == "token_expired"


async def test_a_subscription_completes_after_its_lifetime(
    start: Any, system: Any, school: str
) -> None:
    gateway = await start(subscription_lifetime_s=0.3)
    async with gateway.socket(system.user_token(school, "dsl")) as socket:
        await socket.subscribe(CHANGES)
        assert await socket.receive() == {"id": "1", "type": "complete"}


async def test_a_school_has_so_many_subscriptions(start: Any, system: Any, school: str) -> None:
    gateway = await start(subscriptions_per_school=1)
    token = system.user_token(school, "dsl")
    async with gateway.socket(token) as first, gateway.socket(token) as second:
        await first.subscribe(CHANGES)
        await second.send(id="1", type="subscribe", payload={"query": CHANGES})
        refused = await second.receive()
        assert refused["payload"]["errors"][0]["extensions"] == {
            "code": "TRANSIENT",
            "slug": "too_many_subscriptions",
        }
        other = system.user_token(f"other-{school[:8]}", "dsl")
        async with gateway.socket(other) as third:
            await third.subscribe(CHANGES)


async def test_a_message_is_bounded(start: Any, system: Any, school: str) -> None:
    gateway = await start(body_limit=2_000)
    async with gateway.socket(system.user_token(school, "dsl")) as socket:
        await socket.send(type="ping", payload={"padding": "x" * 2_000})
        assert (await closed(socket))[0] == 1009


async def test_queries_and_mistakes_over_the_socket(
    start: Any, incidents: Any, system: Any, school: str
) -> None:
    gateway = await start()
    async with gateway.socket(system.user_token(school, "dsl")) as socket:
        query = "{ incidents { totalCount } }"
        await socket.send(id="1", type="subscribe", payload={"query": query})
        answered = await socket.receive()
        assert answered["payload"]["data"] == {"incidents": {"totalCount": 0}}
        assert await socket.receive() == {"id": "1", "type": "complete"}
        assert incidents.asked
        await socket.send(id="2", type="subscribe", payload={"query": "{ nothing }"})
        mistaken = await socket.receive()
        assert mistaken["type"] == "error"
        assert mistaken["payload"][0]["extensions"]["slug"] == "bad_query"


async def test_a_failure_while_pushing_is_masked(
    start: Any, system: Any, school: str, bus_as: Any, say: Any, acknowledged: Any
) -> None:
    played = await bus_as("incidents")

    async def nonsense(message: Any) -> None:
        await played.nc.publish(message.reply, b"\xff the pupil's words")

    await played.nc.subscribe("ask.incidents.>", cb=nonsense)
    gateway = await start()
    async with gateway.socket(system.user_token(school, "dsl")) as socket:
        await socket.subscribe(CHANGES)
        await say(school, acknowledged("i-1"), "3:50")
        failed = await socket.receive()
        (error,) = failed["payload"]["errors"]
        assert error["extensions"] == {"code": "INTERNAL", "slug": "internal"}


async def test_everything_ends_cleanly_when_the_gateway_stops(
    start: Any, system: Any, school: str
) -> None:
    gateway = await start()
    token = system.user_token(school, "dsl")
    headers = {"authorization": f"Bearer {token}"}
    async with (
        gateway.socket(token) as socket,
        gateway.http.stream("GET", "/v1/events", headers=headers) as events,
    ):
        await socket.subscribe(CHANGES)
        began = time.monotonic()
        gateway.stop.set()
        assert await socket.receive() == {"id": "1", "type": "complete"}
        assert (await closed(socket))[0] == 1012
        body = b"".join([part async for part in events.aiter_bytes()])
        assert body == b"retry: 2000\n\n"
        await gateway.serving
        assert time.monotonic() - began < 1


async def test_old_events_are_not_new_changes(acknowledged: Any, bus_as: Any) -> None:
    hub = Hub(await bus_as("gateway"), per_school=1, queue=5)

    def meta(published_ms: int) -> Meta:
        return Meta("s-1", "incidents.s-1.i-1", "INCIDENTS", 1, "m", "3:1", "", 1, published_ms)

    event: ie.IncidentAcknowledged = acknowledged("i-1")
    loop = asyncio.get_running_loop()
    with hub.subscribe("s-1") as subscriber:
        await hub._heard(event, meta(now_ms() - 3_600_000))
        assert await subscriber.next(loop.time() + 0.01) is None
        await hub._heard(event, meta(now_ms()))
        change = await subscriber.next(loop.time() + 1)
        assert change is not None
        assert change.kind == "acknowledged"
