"""Publishes what a store recorded, shard by shard, in order, at least once and without a hole."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from eventsourcing.persistence import Notification
from pymongo.database import Database

from chassis.store.application import ShardApplication, ShardedStore
from chassis.store.batches import DomainEvent, PoisonedEventError, guarded, read_after, report
from chassis.store.commands import CommandRunner
from chassis.store.documents import Document
from chassis.store.follower import Follower, StoppedShardError
from chassis.store.positions import RELAYS, Position, Positions

BATCH = 200
"""Events between two stored positions; as many are published again after a crash at most."""

POSITION_HEADER = "Vigil-Position"
PREVIOUS_HEADER = "Vigil-Previous"


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


@dataclass(frozen=True)
class _Batch:
    start: Position
    publications: list[tuple[int, Publication]]
    last: int
    more: bool
    poisoned: PoisonedEventError | None = None


class Relay:
    """Follows every shard of a store and publishes.

    Each message says its position, ``Vigil-Position: <shard>:<notification id>``, and the id of the
    message before it in that shard, ``Vigil-Previous`` (0 for the first), so that a consumer sees a
    hole although private events are not published. The position is stored after the broker's
    acknowledgements. Two relays of one shard publish the same messages with the same ids. When the
    broker or the database is away it waits; an event that can't be turned into a message stops its
    shard, as in ``ProjectionRunner``.
    """

    def __init__(
        self,
        store: ShardedStore[Any],
        publisher: Publisher,
        publish: Publish,
        runner: CommandRunner,
        database: Database[Document],
        name: str,
    ) -> None:
        self._store = store
        self._publisher = publisher
        self._publish = publish
        self._runner = runner
        self._name = name
        self._stored = Positions(database, RELAYS, name)
        self._positions: dict[int, Position] = {}
        self._saved: dict[int, int] = {}
        self._follower = Follower(name, lambda: runner.run(store.heads), self.position, self._step)

    async def run(self, stop: asyncio.Event) -> None:
        """Publish until ``stop``."""
        await self._follower.run(stop)

    def notify(self, shard: int, position: int) -> None:
        """Wake up for events just saved; from any thread."""
        self._follower.notify(shard, position)

    def position(self, shard: int) -> int:
        """The position up to which the shard is published, as far as this process knows."""
        known = self._positions.get(shard)
        return 0 if known is None else known.position

    @property
    def healthy(self) -> bool:
        """False once a shard had to stop."""
        return not self._follower.stopped

    def lag(self) -> dict[int, int]:
        """Events not yet published in each shard, by what was last seen."""
        return self._follower.lag()

    async def _step(self, shard: int) -> bool:
        batch = await self._runner.run(self._read, shard, self._positions.get(shard))
        reached = batch.start
        try:
            for position, publication in batch.publications:
                headers = {
                    **publication.headers,
                    POSITION_HEADER: f"{shard}:{position}",
                    PREVIOUS_HEADER: str(reached.published),
                }
                await self._publish(publication, headers)
                reached = Position(position, position)
            reached = Position(batch.last, reached.published)
        finally:
            # Also when the broker went away in the middle: what it has acknowledged is done.
            self._positions[shard] = reached
        if reached.position > self._saved.get(shard, 0):
            await self._store_position(shard, reached)
        if batch.poisoned is not None:
            report(self._name, shard, batch.poisoned)
            raise StoppedShardError from batch.poisoned
        return batch.more

    async def _store_position(self, shard: int, reached: Position) -> None:
        if not await self._runner.run(self._stored.advance, shard, reached):
            # Another relay is as far or further; going on from there saves publishing twice.
            self._positions[shard] = await self._runner.run(self._stored.load, shard)
        self._saved[shard] = self._positions[shard].position

    def _read(self, shard: int, start: Position | None) -> _Batch:
        """Read and translate a batch, in a thread, up to an event that can't be translated."""
        if start is None:
            start = self._stored.load(shard)
        application: ShardApplication = self._store.shard(shard)
        notifications = read_after(application, start.position, BATCH)
        publications: list[tuple[int, Publication]] = []
        last = start.position
        for n in notifications:
            try:
                publication = guarded(n, partial(self._translate, application, n))
            except PoisonedEventError as error:
                return _Batch(start, publications, last, more=False, poisoned=error)
            if publication is not None:
                publications.append((n.id, publication))
            last = n.id
        return _Batch(start, publications, last, more=len(notifications) == BATCH)

    def _translate(
        self, application: ShardApplication, notification: Notification
    ) -> Publication | None:
        return self._publisher(application.mapper.to_domain_event(notification), notification.id)
