"""What a relay says, and how it reads it from the store: forwards to say it, backwards to look."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from typing import Protocol

from eventsourcing.persistence import Notification

from chassis.store.application import ShardApplication
from chassis.store.batches import DomainEvent, PoisonedEventError, guarded, read_after
from chassis.store.documents import TracedNotification
from chassis.store.positions import Position

BATCH = 200
"""Events between two stored positions; as many are published again after a crash at most."""


@dataclass(frozen=True)
class Publication:
    """One message for the broker; ``message_id`` depends on the event, never on the attempt."""

    subject: str
    wire_name: str
    payload: bytes
    message_id: str
    tenant_id: str
    headers: Mapping[str, str] = field(default_factory=dict)


Publisher = Callable[[DomainEvent, int], Publication | None]
"""Turns an event and its position into a message, or None if it is private. Pure."""

Publish = Callable[[Publication, Mapping[str, str]], Awaitable[None]]
"""Publishes with the given headers; returns when the broker has acknowledged, else raises."""


class Stream(Protocol):
    """What a relay asks of the streams it feeds."""

    async def newest_on(self, publication: Publication) -> str | None:
        """The Vigil-Position of the newest message on its subject; None if it holds none."""

    def kept_s(self, publication: Publication) -> float:
        """Seconds after which the stream lets a message go; 0 for never."""


@dataclass(frozen=True)
class Said:
    """A message, the event's position and the time at which it happened."""

    position: int
    publication: Publication
    at: datetime | None


@dataclass(frozen=True)
class Batch:
    """Messages after ``start``, up to position ``last``."""

    start: Position
    said: list[Said]
    last: int
    more: bool
    poisoned: PoisonedEventError | None = None


@dataclass(frozen=True)
class Reading:
    """One shard's events as messages. Blocking."""

    application: ShardApplication
    publisher: Publisher

    def after(self, start: Position, up_to: int | None = None) -> Batch:
        """The next batch, up to an event that can't be translated."""
        notifications = read_after(self.application, start.position, BATCH, up_to)
        said: list[Said] = []
        last = start.position
        for n in notifications:
            try:
                one = self._translate(n)
            except PoisonedEventError as error:
                return Batch(start, said, last, more=False, poisoned=error)
            if one is not None:
                said.append(one)
            last = n.id
        return Batch(start, said, last, more=len(notifications) == BATCH)

    def before(self, position: int) -> list[Said]:
        """Messages before ``position``, the last one first, from so many events at most.

        Events that can't be translated are left out: they were published once.
        """
        first = max(0, position - 1 - BATCH)
        found = []
        for n in read_after(self.application, first, BATCH, position - 1):
            try:
                one = self._translate(n)
            except PoisonedEventError:
                continue
            if one is not None:
                found.append(one)
        return found[::-1]

    def _translate(self, notification: Notification) -> Said | None:
        return guarded(notification, partial(self._said, notification))

    def _said(self, notification: Notification) -> Said | None:
        event = self.application.mapper.to_domain_event(notification)
        publication = self.publisher(event, notification.id)
        if publication is None:
            return None
        if isinstance(notification, TracedNotification):
            headers = {**notification.trace, **publication.headers}
            publication = replace(publication, headers=headers)
        return Said(notification.id, publication, getattr(event, "timestamp", None))
