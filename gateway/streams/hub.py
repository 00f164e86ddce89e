"""One reader of ``INCIDENTS`` a process, fanned out to bounded queues by school."""

import asyncio
from collections import defaultdict, deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from nats.js.api import DeliverPolicy

from chassis.bus.bus import Bus
from chassis.bus.consume import Meta
from chassis.bus.follow import Following, follow
from chassis.clock import now_ms
from chassis.errors import TransientError
from contracts.incidents.v1 import events_pb2 as ie
from gateway.streams.fresh import is_fresh

KINDS: dict[type[object], str] = {
    ie.IncidentOpened: "opened",
    ie.FindingJoined: "finding_joined",
    ie.SeverityRaised: "severity_raised",
    ie.IncidentAcknowledged: "acknowledged",
    ie.IncidentNoted: "noted",
    ie.IncidentRevealed: "revealed",
    ie.IncidentClosed: "closed",
}
"""The kinds of ``TimelineEntry``."""


@dataclass(frozen=True, slots=True)
class Change:
    """Something happened to an incident; ``position`` is where a read must have come to."""

    kind: str
    incident_id: str
    position: str
    missed: int = 0


class Subscriber:
    """A queue that drops its oldest change when full, and counts what it dropped."""

    def __init__(self, size: int) -> None:
        self._changes: deque[Change] = deque()
        self._size = size
        self._missed = 0
        self._waiting = asyncio.Event()
        self.closed = False

    def put(self, change: Change) -> None:
        """Add a change."""
        if len(self._changes) == self._size:
            self._changes.popleft()
            self._missed += 1
        self._changes.append(change)
        self._waiting.set()

    def close(self) -> None:
        """End the subscription as soon as it looks."""
        self.closed = True
        self._waiting.set()

    async def next(self, until: float) -> Change | None:
        """The next change; None once closed, or at ``until`` by the event loop's clock."""
        if not self._changes and not self.closed:
            self._waiting.clear()
            try:
                async with asyncio.timeout_at(until):
                    await self._waiting.wait()
            except TimeoutError:
                return None
        if self.closed or asyncio.get_running_loop().time() >= until:
            return None
        change = replace(self._changes.popleft(), missed=self._missed)
        self._missed = 0
        return change


class Hub:
    """Hands each change to every subscriber of its school."""

    def __init__(self, bus: Bus, *, per_school: int, queue: int) -> None:
        self._bus = bus
        self._per_school = per_school
        self._queue = queue
        self._schools: defaultdict[str, set[Subscriber]] = defaultdict(set)
        self._since_ms = now_ms()
        self._closed = False
        self.following = Following()

    async def run(self, stop: asyncio.Event) -> None:
        """Follow ``INCIDENTS`` until ``stop``."""
        await follow(
            self._bus,
            "INCIDENTS",
            "incidents.>",
            self._heard,
            stop,
            deliver=DeliverPolicy.NEW,
            following=self.following,
        )

    @contextmanager
    def subscribe(self, tenant: str) -> Iterator[Subscriber]:
        """A subscriber to one school. TransientError when full or closing."""
        held = self._schools[tenant]
        if self._closed or len(held) >= self._per_school:
            raise TransientError(
                "too_many_subscriptions", "the school has too many subscriptions; try again later"
            )
        subscriber = Subscriber(self._queue)
        held.add(subscriber)
        try:
            yield subscriber
        finally:
            held.discard(subscriber)
            if not held:
                self._schools.pop(tenant, None)

    def close(self) -> None:
        """End every subscription and take no more."""
        self._closed = True
        for held in self._schools.values():
            for subscriber in held:
                subscriber.close()

    async def _heard(self, event: object, meta: Meta) -> None:
        kind = KINDS.get(type(event))
        if kind is None or not is_fresh(meta, self._since_ms):
            return
        incident_id: str = getattr(event, "incident_id")  # noqa: B009 - every kind has the field
        for subscriber in self._schools.get(meta.tenant, ()):
            subscriber.put(Change(kind, incident_id, meta.position))
