"""What integrators get: FEED as CloudEvents over SSE, resumable, and their own school's only."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import pytest

from contracts.alerting.v1 import alerting_pb2 as al
from contracts.gateway.v1 import feed_pb2 as fe
from contracts.incidents.v1 import events_pb2 as ie

MS = 1_795_554_600_000


@contextlib.asynccontextmanager
async def events(
    gateway: Any, token: str, last: str | None = None, query: str = ""
) -> AsyncIterator[Any]:
    """The events of a stream, one block at a time."""
    headers = {"authorization": f"Bearer {token}"}
    if last is not None:
        headers["last-event-id"] = last
    async with gateway.http.stream("GET", f"/v1/events{query}", headers=headers) as response:
        assert response.status_code == 200, await response.aread()
        assert response.headers["content-type"].startswith("text/event-stream")

        async def blocks() -> AsyncIterator[str]:
            held = ""
            async for text in response.aiter_text():
                held += text
                while "\n\n" in held:
                    block, held = held.split("\n\n", 1)
                    yield block

        reading = blocks()
        assert await anext(reading) == "retry: 2000"
        yield reading


async def following(reading: Any, count: int) -> list[dict[str, Any]]:
    """The next events, comments left out; each with its SSE fields."""
    found: list[dict[str, Any]] = []
    async with asyncio.timeout(5):
        while len(found) < count:
            block = await anext(reading)
            if not block.startswith(":"):
                fields = dict(line.split(": ", 1) for line in block.splitlines())
                found.append({**fields, "data": json.loads(fields["data"])})
    return found


async def publish(bus: Any, school: str, incident: str) -> None:
    event = fe.FeedEvent(
        id=str(uuid4()), type="incident.closed", time_ms=MS, incident_id=incident, state="closed"
    )
    await bus.publish(event, tenant=school, message_id=event.id, type="incident-closed")


async def test_from_internal_events_to_cloud_events(
    start: Any, system: Any, school: str, say: Any, bus_as: Any, acknowledged: Any
) -> None:
    gateway = await start(feeding=True)
    alerting = await bus_as("alerting")
    opened = ie.IncidentOpened(
        incident_id="i-1",
        reference="2026-0001",
        person_id="p-secret",
        theme="self_harm",
        severity=4,
        opened_at_ms=MS,
    )
    async with events(gateway, system.user_token(school, "integrator"), last="0") as reading:
        await say(school, opened, "3:1")
        await say(school, ie.FindingJoined(incident_id="i-1", finding_id="f-1"), "3:2")
        await say(
            school,
            ie.SeverityRaised(
                incident_id="i-1", reference="2026-0001", theme="self_harm", severity=5
            ),
            "3:3",
        )
        await say(school, acknowledged("i-1"), "3:4")
        await say(school, ie.IncidentRevealed(incident_id="i-1", purpose="private"), "3:5")
        await say(school, ie.IncidentClosed(incident_id="i-1", outcome="private"), "3:6")
        for number, alert in enumerate(
            (
                al.NotificationRequested(escalation_id="e-1", incident_id="i-1"),
                al.NotificationDelivered(escalation_id="e-1", incident_id="i-1", at_ms=MS),
                al.EscalationExhausted(escalation_id="e-1", incident_id="i-1", severity=5),
            )
        ):
            await alerting.publish(
                alert, tenant=school, message_id=f"{school}-{number}", escalation="e-1"
            )
        told = await following(reading, 6)

    first = next(event for event in told if event["event"] == "incident.opened")
    assert first["data"] == {
        "specversion": "1.0",
        "id": first["data"]["id"],
        "source": f"urn:vigil:school:{school}",
        "type": "incident.opened",
        "subject": "i-1",
        "time": "2026-11-24T21:10:00.000Z",
        "datacontenttype": "application/json",
        "data": {
            "incidentId": "i-1",
            "reference": "2026-0001",
            "theme": "self_harm",
            "severity": 4,
            "state": "open",
            "link": "https://vigil.example/incidents/i-1",
        },
    }
    of_incidents = [e["event"] for e in told if e["event"].startswith("incident")]
    assert of_incidents == [
        "incident.opened",
        "incident.severity_raised",
        "incident.acknowledged",
        "incident.closed",
    ]
    of_alerts = [e["event"] for e in told if e["event"].startswith("alert")]
    assert of_alerts == ["alert.delivered", "alert.exhausted"]
    assert [int(e["id"]) for e in told] == sorted(int(e["id"]) for e in told)
    assert "secret" not in str(told)
    assert "private" not in str(told)
    assert "u-1" not in str(told)


async def test_a_stream_resumes_after_the_last_event_seen(
    start: Any, system: Any, school: str, bus_as: Any
) -> None:
    gateway = await start()
    bus = await bus_as("gateway")
    token = system.user_token(school, "integrator")
    for number in range(4):
        await publish(bus, school, f"i-{number}")

    async with events(gateway, token, last="0") as reading:
        seen = await following(reading, 2)
    assert [event["data"]["subject"] for event in seen] == ["i-0", "i-1"]
    for resumed in (
        events(gateway, token, last=seen[-1]["id"]),
        events(gateway, token, query=f"?lastEventId={seen[-1]['id']}"),
    ):
        async with resumed as reading:
            rest = await following(reading, 2)
        assert [event["data"]["subject"] for event in rest] == ["i-2", "i-3"]


async def test_without_a_place_a_stream_starts_at_now_and_knows_its_school_only(
    start: Any, system: Any, school: str, bus_as: Any
) -> None:
    other = f"other-{school[:8]}"
    gateway = await start(event_heartbeat_s=0.2)
    bus = await bus_as("gateway")
    await publish(bus, school, "i-old")
    async with (
        events(gateway, system.user_token(school, "integrator")) as ours,
        events(gateway, system.user_token(other, "it")) as theirs,
    ):
        # A heartbeat says that the consumer stands as well: it is asked for before.
        assert (await anext(ours)) == ": still here"
        assert (await anext(theirs)) == ": still here"
        await publish(bus, other, "i-theirs")
        await publish(bus, school, "i-ours")
        assert [e["data"]["subject"] for e in await following(ours, 1)] == ["i-ours"]
        assert [e["data"]["subject"] for e in await following(theirs, 1)] == ["i-theirs"]
        assert (await anext(ours)) == ": still here"


async def test_a_place_that_is_none_is_refused(start: Any, system: Any, school: str) -> None:
    gateway = await start()
    for last in ("-1", "x", "²", "9" * 19):
        refused = await gateway.http.get(
            "/v1/events",
            params={"lastEventId": last},
            headers={"authorization": f"Bearer {system.user_token(school, 'integrator')}"},
        )
        assert (refused.status_code, refused.json()["code"]) == (422, "bad_last_event_id")


async def test_a_role_without_a_feed_is_refused(start: Any, system: Any, school: str) -> None:
    gateway = await start()
    refused = await gateway.http.get(
        "/v1/events",
        headers={"authorization": f"Bearer {system.user_token(school, 'governor')}"},
    )
    assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")


async def test_a_school_has_so_many_streams_and_gets_its_place_back(
    start: Any, system: Any, school: str
) -> None:
    gateway = await start(event_streams_per_school=1)
    token = system.user_token(school, "integrator")
    headers = {"authorization": f"Bearer {token}"}
    async with events(gateway, token):
        refused = await gateway.http.get("/v1/events", headers=headers)
        assert (refused.status_code, refused.json()["code"]) == (503, "too_many_streams")
        assert refused.headers["retry-after"] == "5"
        async with events(gateway, system.user_token(f"other-{school[:8]}", "it")):
            pass
    async with asyncio.timeout(3):
        while True:
            async with gateway.http.stream("GET", "/v1/events", headers=headers) as again:
                if again.status_code == 200:
                    return
            await asyncio.sleep(0.05)


@pytest.mark.parametrize(("ttl_s", "lifetime_s"), [(2, 60), (60, 0.5)])
async def test_a_stream_ends_with_its_token_or_its_lifetime(
    start: Any, system: Any, school: str, ttl_s: int, lifetime_s: float
) -> None:
    gateway = await start(event_stream_lifetime_s=lifetime_s)
    async with events(gateway, system.user_token(school, "integrator", ttl_s=ttl_s)) as reading:
        async with asyncio.timeout(3):
            with pytest.raises(StopAsyncIteration):
                await anext(reading)


async def test_a_closed_stream_leaves_no_subscription_behind(
    start: Any, system: Any, school: str, bus_as: Any
) -> None:
    gateway = await start()
    provisioner = await bus_as("provisioner")

    async def listening() -> int:
        # The server deletes a consumer some seconds after nobody listens to it any more.
        return sum(
            bool(info.push_bound)
            for info in await provisioner.js.consumers_info("FEED")
            if info.config.filter_subject == f"feed.{school}.>"
        )

    async with events(gateway, system.user_token(school, "integrator"), last="0") as reading:
        await publish(await bus_as("gateway"), school, "i-1")
        await following(reading, 1)
        assert await listening() == 1
    async with asyncio.timeout(4):
        while await listening():  # noqa: ASYNC110 - the server tells nobody
            await asyncio.sleep(0.05)
