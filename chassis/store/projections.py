"""Runs projections: batches of events into rows, each batch and its position in one transaction."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol

from eventsourcing.persistence import Notification
from pymongo.client_session import ClientSession
from pymongo.database import Database
from pymongo.errors import PyMongoError
from pymongo.read_concern import ReadConcern

from chassis.store.application import ShardApplication, ShardedStore
from chassis.store.batches import DomainEvent, PoisonedEventError, guarded, read_after, report
from chassis.store.commands import CommandRunner
from chassis.store.documents import Document
from chassis.store.errors import is_away
from chassis.store.follower import Follower, StoppedShardError
from chassis.store.handles import JOURNALED
from chassis.store.positions import Positions

BATCH = 500
"""Events in one transaction: 60 times as fast as one each (measured), and well below its limits."""


class Projection(Protocol):
    """One read model: rows built only from events.

    ``handle`` runs in a thread, sees events of one shard in order, each once, and passes
    ``session`` to every operation on ``rows``, or its writes would not be part of the transaction.
    It may be run again for events whose transaction was rolled back, so it writes rows and does
    nothing else.
    """

    @property
    def name(self) -> str:
        """Names the position; another name starts again from the first event."""

    @property
    def topics(self) -> Sequence[str] | None:
        """The topics of the event classes it wants, None for all."""

    def handle(
        self,
        rows: Database[Document],
        events: list[tuple[int, DomainEvent]],
        session: ClientSession,
    ) -> None:
        """Write what the events (position, event) change."""


@dataclass(frozen=True)
class _Step:
    """What one pass did: the position now known, whether more waits, where it broke."""

    position: int
    more: bool
    poisoned: PoisonedEventError | None = None


class _LostPositionError(Exception):
    """Another runner of the same projection moved the position."""


class ProjectionRunner:
    """Follows every shard of a store for one projection.

    Several processes may run the same projection: the position guards the rows, the loser reloads.
    An event that can't be handled stops its shard until the process is restarted; it is logged by
    topic and position, ``healthy`` turns False, and it is never skipped.
    """

    def __init__(
        self,
        store: ShardedStore[Any],
        projection: Projection,
        runner: CommandRunner,
        database: Database[Document],
    ) -> None:
        self._store = store
        self._projection = projection
        self._runner = runner
        self._rows = database
        self._stored = Positions(database, "projections", projection.name)
        self._positions: dict[int, int] = {}
        self._sessions: dict[int, ClientSession] = {}
        self._waiters: dict[int, list[tuple[int, asyncio.Future[None]]]] = {}
        self._follower = Follower(
            projection.name, lambda: runner.run(store.heads), self.position, self._step
        )

    async def run(self, stop: asyncio.Event) -> None:
        """Project until ``stop``. Outages of the database are waited for."""
        await self._follower.run(stop)

    def notify(self, shard: int, position: int) -> None:
        """Wake up for events just saved; from any thread."""
        self._follower.notify(shard, position)

    def position(self, shard: int) -> int:
        """How far the shard is projected, as far as this process knows."""
        return self._positions.get(shard, 0)

    @property
    def healthy(self) -> bool:
        """False once a shard had to stop."""
        return not self._follower.stopped

    def lag(self) -> dict[int, int]:
        """Events not yet projected in each shard, by what was last seen."""
        return self._follower.lag()

    async def wait(self, shard: int, position: int, timeout_s: float) -> None:
        """Return when the shard is projected up to ``position``, else TimeoutError."""
        if self.position(shard) >= position:
            return
        reached = asyncio.get_running_loop().create_future()
        entry = (position, reached)
        self._waiters.setdefault(shard, []).append(entry)
        self._follower.look(shard)
        try:
            await asyncio.wait_for(reached, timeout_s)
        finally:
            if entry in self._waiters.get(shard, []):
                self._waiters[shard].remove(entry)

    async def _step(self, shard: int) -> bool:
        step = await self._runner.run(self._work, shard, self._positions.get(shard))
        self._positions[shard] = step.position
        for entry in list(self._waiters.get(shard, [])):
            if entry[0] <= step.position and not entry[1].done():
                entry[1].set_result(None)
        if step.poisoned is not None:
            report(self._projection.name, shard, step.poisoned)
            raise StoppedShardError from step.poisoned
        return step.more

    def _work(self, shard: int, position: int | None) -> _Step:
        """One pass, in a thread: read a batch and apply it, or find the event that breaks it."""
        if position is None:
            position = self._stored.load(shard).position
        application: ShardApplication = self._store.shard(shard)
        batch = read_after(application, position, BATCH)
        if not batch:
            return _Step(position, more=False)
        try:
            self._apply(application, shard, position, batch)
        except _LostPositionError:
            return _Step(self._stored.load(shard).position, more=True)
        except PoisonedEventError:
            return self._apply_singly(application, shard, position, batch)
        return _Step(batch[-1].id, more=len(batch) == BATCH)

    def _apply_singly(
        self,
        application: ShardApplication,
        shard: int,
        position: int,
        batch: Sequence[Notification],
    ) -> _Step:
        """Apply what comes before the poisoned event, and name it."""
        for notification in batch:
            try:
                self._apply(application, shard, position, [notification])
            except _LostPositionError:
                return _Step(self._stored.load(shard).position, more=True)
            except PoisonedEventError as error:
                return _Step(position, more=False, poisoned=error)
            position = notification.id
        return _Step(position, more=True)

    def _apply(
        self,
        application: ShardApplication,
        shard: int,
        position: int,
        batch: Sequence[Notification],
    ) -> None:
        topics = self._projection.topics
        events: list[tuple[int, DomainEvent]] = [
            (n.id, guarded(n, partial(application.mapper.to_domain_event, n)))
            for n in batch
            if topics is None or n.topic in topics
        ]
        # The session of a failed attempt is used again: a new transaction in it ends the abandoned
        # one, whose locks would otherwise stop this shard for a minute.
        session = self._sessions.get(shard) or self._rows.client.start_session()
        self._sessions[shard] = session
        try:
            with session.start_transaction(ReadConcern("snapshot"), JOURNALED):
                # First the position: a second runner conflicts here before it does any work.
                if not self._stored.move(shard, position, batch[-1].id, session):
                    raise _LostPositionError
                if events:
                    guarded(batch[0], partial(self._projection.handle, self._rows, events, session))
        except PyMongoError as error:
            if not is_away(error):
                raise
            # A conflict, or the commit's outcome is unknown: the stored position tells.
            if self._stored.load(shard).position == position:
                raise
            raise _LostPositionError from error
        self._sessions.pop(shard).end_session()
