"""The gateway's table of contents: where its parts meet."""

import asyncio

from chassis.bus.bus import Bus
from chassis.service import Parts
from contracts.registry import DURABLES
from gateway.http.app import create_app
from gateway.settings import Settings
from gateway.streams import feed
from gateway.streams.event_streams import EventStreams
from gateway.streams.hub import Hub


async def bootstrap(settings: Settings, bus: Bus) -> Parts:
    """Build the gateway's parts."""
    hub = Hub(
        bus,
        per_school=settings.subscriptions_per_school,
        queue=settings.subscription_queue,
    )
    events = EventStreams(
        bus,
        per_school=settings.event_streams_per_school,
        heartbeat_s=settings.event_heartbeat_s,
        lifetime_s=settings.event_stream_lifetime_s,
    )
    handlers = feed.handlers(bus, settings.link_base.rstrip("/"))
    durables = {durable.name: durable for durable in DURABLES}

    async def end_streams() -> None:
        hub.close()
        await events.close()
        # Subscriptions send their "complete" before the server closes the sockets.
        await asyncio.sleep(0.05)

    return Parts(
        consumers=[(durables[name], handlers) for name in ("feed-incidents", "feed-alerts")],
        tasks=[("incident-hub", hub.run)],
        http=create_app(settings, bus, hub, events),
        ready={"incident_changes": hub.following.caught_up.is_set},
        before_http_stops=end_streams,
    )
