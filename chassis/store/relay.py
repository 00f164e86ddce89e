"""Publishes what a store recorded, shard by shard, in order, at least once and without a hole."""

import asyncio
import logging
from collections import defaultdict
from dataclasses import replace
from typing import Any

from pymongo.database import Database

from chassis.store.application import ShardedStore
from chassis.store.batches import report
from chassis.store.commands import CommandRunner
from chassis.store.documents import Document
from chassis.store.follower import Follower, StoppedShardError
from chassis.store.lost_tail import still_held
from chassis.store.positions import RELAYS, Position, Positions
from chassis.store.publications import (
    BATCH,
    Batch,
    Publication,
    Publish,
    Publisher,
    Reading,
    Said,
    Stream,
)

__all__ = ["BATCH", "Publication", "Publish", "Publisher", "Relay", "Stream"]

POSITION_HEADER = "Vigil-Position"
PREVIOUS_HEADER = "Vigil-Previous"

log = logging.getLogger(__name__)


class Relay:
    """Follows every shard of a store and publishes.

    Each message says its position, ``Vigil-Position: <shard>:<notification id>``, and the id of the
    message before it in that shard, ``Vigil-Previous`` (0 for the first), so that a consumer sees a
    hole although private events are not published. The position is stored after the broker's
    acknowledgements. Two relays of one shard publish the same messages with the same ids. When the
    broker or the database is away it waits; an event that can't be turned into a message stops its
    shard, as in ``ProjectionRunner``. With ``stream``, it looks once for each shard whether the
    stream still holds what was published last, and publishes again what was lost after that.
    """

    def __init__(
        self,
        store: ShardedStore[Any],
        publisher: Publisher,
        publish: Publish,
        runner: CommandRunner,
        database: Database[Document],
        name: str,
        stream: Stream | None = None,
    ) -> None:
        self._store = store
        self._publisher = publisher
        self._publish = publish
        self._runner = runner
        self._name = name
        self._stream = stream
        self._stored = Positions(database, RELAYS, name)
        self._positions: dict[int, Position] = {}
        self._saved: dict[int, int] = {}
        self._turns: defaultdict[int, asyncio.Lock] = defaultdict(asyncio.Lock)
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

    async def republish(self, shard: int, from_position: int, *, again: str = "") -> int:
        """Publish again, in order, from ``from_position`` to where the relay is; how many.

        Ids and headers are those of the first time, so JetStream drops what it stored in the last
        two minutes. Consumers that need those too give ``again``, which is put behind the ids.
        What is new waits meanwhile. Raises PoisonedEventError, and what publishing raises.
        """
        reading = self._reading(shard)
        async with self._turns[shard]:
            up_to = (await self._runner.run(self._stored.load, shard)).position
            reached = Position(
                from_position - 1, await self._published_before(shard, from_position)
            )
            count = 0
            while reached.position < up_to:
                batch = await self._runner.run(reading.after, reached, up_to)
                for said in batch.said:
                    await self._say(shard, said, reached.published, again)
                    reached = Position(said.position, said.position)
                    count += 1
                if batch.poisoned is not None:
                    raise batch.poisoned
                if batch.last == batch.start.position:
                    break
                reached = Position(batch.last, reached.published)
        log.info(
            "%s published %d of shard %d again from %d", self._name, count, shard, from_position
        )
        return count

    async def _step(self, shard: int) -> bool:
        async with self._turns[shard]:
            if shard not in self._positions:
                self._positions[shard] = await self._start(shard)
            batch = await self._runner.run(self._reading(shard).after, self._positions[shard])
            await self._publish_batch(shard, batch)
        if batch.poisoned is not None:
            report(self._name, shard, batch.poisoned)
            raise StoppedShardError from batch.poisoned
        return batch.more

    async def _publish_batch(self, shard: int, batch: Batch) -> None:
        reached = batch.start
        try:
            for said in batch.said:
                await self._say(shard, said, reached.published)
                reached = Position(said.position, said.position)
            reached = Position(batch.last, reached.published)
        finally:
            # Also when the broker went away in the middle: what it has acknowledged is done.
            self._positions[shard] = reached
        if reached.position > self._saved.get(shard, 0):
            await self._store_position(shard, reached)

    async def _say(self, shard: int, said: Said, previous: int, again: str = "") -> None:
        publication = said.publication
        headers = {
            **publication.headers,
            POSITION_HEADER: f"{shard}:{said.position}",
            PREVIOUS_HEADER: str(previous),
        }
        if again:
            publication = replace(publication, message_id=f"{publication.message_id}:{again}")
        await self._publish(publication, headers)

    async def _store_position(self, shard: int, reached: Position) -> None:
        if not await self._runner.run(self._stored.advance, shard, reached):
            # Another relay is as far or further; going on from there saves publishing twice.
            self._positions[shard] = await self._runner.run(self._stored.load, shard)
        self._saved[shard] = self._positions[shard].position

    async def _start(self, shard: int) -> Position:
        """Where to begin: after what is published, or what the stream still holds of it."""
        stored = await self._runner.run(self._stored.load, shard)
        if self._stream is None or not stored.published:
            return stored
        reading = self._reading(shard)

        async def before(position: int) -> list[Said]:
            return await self._runner.run(reading.before, position)

        held = await still_held(self._stream, shard, stored.published, before)
        if held.published == stored.published:
            return stored
        log.error(
            "%s publishes shard %d again after %d: the stream lost up to %d",
            *(self._name, shard, held.published, stored.published),
        )
        self._saved[shard] = stored.position
        return held

    async def _published_before(self, shard: int, position: int) -> int:
        while position > 1:
            found = await self._runner.run(self._reading(shard).before, position)
            if found:
                return found[0].position
            position = max(1, position - BATCH)
        return 0

    def _reading(self, shard: int) -> Reading:
        return Reading(self._store.shard(shard), self._publisher)
