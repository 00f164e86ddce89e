"""Open event streams: an ordered consumer of ``FEED`` each, bounded, and ended before HTTP."""

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncIterator

from nats.js.api import DeliverPolicy
from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from chassis.auth import Caller
from chassis.bus.bus import Bus
from chassis.bus.consume import Meta
from chassis.bus.follow import follow
from chassis.clock import now_ms
from chassis.errors import TransientError
from chassis.tenancy import subject
from contracts.gateway.v1 import feed_pb2 as fe
from gateway.streams.cloud_event import server_sent
from gateway.streams.fresh import is_fresh

WAITING = 100
"""Events read ahead of a slow client; more wait in NATS."""
CLOSE_WITHIN_S = 1.0
RETRY_MS = 2_000
"""When a client should come back after the end of its stream."""


class EventStreams:
    """Every open stream of the process."""

    def __init__(self, bus: Bus, *, per_school: int, heartbeat_s: float, lifetime_s: float) -> None:
        self.bus = bus
        self.heartbeat_s = heartbeat_s
        self._per_school = per_school
        self._lifetime_s = lifetime_s
        self._open: Counter[str] = Counter()
        self._none_open = asyncio.Event()
        self._stop = asyncio.Event()

    def open(self, caller: Caller, after: int | None) -> "EventStream":
        """A stream of the caller's school after a place, or from now on.

        Raises TransientError when the school has as many as it may, or the gateway is closing.
        """
        if self._stop.is_set() or self._open[caller.tenant] >= self._per_school:
            raise TransientError(
                "too_many_streams", "the school has too many event streams; close one first"
            )
        self._open[caller.tenant] += 1
        seconds = min(self._lifetime_s, caller.expires_at - now_ms() / 1000)
        return EventStream(self, caller.tenant, after, seconds, self._stop)

    def forget(self, tenant: str) -> None:
        """A stream has ended."""
        self._open[tenant] -= 1
        if not self._open[tenant]:
            del self._open[tenant]
        if not self._open:
            self._none_open.set()

    async def close(self) -> None:
        """End every stream, and wait a moment for the last bytes to go."""
        self._stop.set()
        if self._open:
            self._none_open.clear()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._none_open.wait(), CLOSE_WITHIN_S)


class EventStream(StreamingResponse):
    """One open stream. Its consumer ends with the response, however that ends."""

    def __init__(
        self,
        streams: EventStreams,
        tenant: str,
        after: int | None,
        seconds: float,
        closing: asyncio.Event,
    ) -> None:
        super().__init__(
            self._events(),
            media_type="text/event-stream",
            # Proxies would otherwise hold events back to fill a buffer.
            headers={"X-Accel-Buffering": "no"},
        )
        self._streams = streams
        self._tenant = tenant
        self._after = after
        self._until = asyncio.get_running_loop().time() + seconds
        self._since_ms = now_ms()
        self._closing = closing
        self._ready: asyncio.Queue[bytes] = asyncio.Queue(WAITING)
        self._ended = asyncio.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve the stream; afterwards its consumer and its place are free."""
        following = asyncio.create_task(self._follow())
        following.add_done_callback(lambda _: self._ended.set())
        try:
            await super().__call__(scope, receive, send)
        finally:
            # Both: on Python 3.11 ``wait_for`` may swallow a cancellation.
            self._ended.set()
            following.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await following
            self._streams.forget(self._tenant)

    async def _follow(self) -> None:
        await follow(
            self._streams.bus,
            "FEED",
            subject("feed.{tenant}.>", self._tenant),
            self._heard,
            self._ended,
            deliver=DeliverPolicy.NEW if self._after is None else DeliverPolicy.ALL,
            start_sequence=None if self._after is None else self._after + 1,
        )

    async def _heard(self, event: object, meta: Meta) -> None:
        fresh = self._after is not None or is_fresh(meta, self._since_ms)
        if isinstance(event, fe.FeedEvent) and meta.tenant == self._tenant and fresh:
            await self._ready.put(server_sent(event, self._tenant, meta.sequence))

    async def _events(self) -> AsyncIterator[bytes]:
        yield f"retry: {RETRY_MS}\n\n".encode()
        loop = asyncio.get_running_loop()
        ends = {
            asyncio.create_task(self._closing.wait()),
            asyncio.create_task(self._ended.wait()),
        }
        getting = asyncio.create_task(self._ready.get())
        try:
            while (left := self._until - loop.time()) > 0:
                done, _ = await asyncio.wait(
                    {getting, *ends},
                    timeout=min(left, self._streams.heartbeat_s),
                    return_when=asyncio.FIRST_COMPLETED,
                )
                if done & ends:
                    return
                if getting in done:
                    yield getting.result()
                    getting = asyncio.create_task(self._ready.get())
                elif loop.time() < self._until:
                    yield b": still here\n\n"
        finally:
            for task in (getting, *ends):
                task.cancel()
