"""Runs a projection for every shard of a store, and lets readers wait for it."""

import asyncio
from typing import Any

from pymongo.database import Database

from chassis.store.application import ShardedStore
from chassis.store.batches import report
from chassis.store.commands import CommandRunner
from chassis.store.documents import Document
from chassis.store.errors import HeldError
from chassis.store.follower import Follower, StoppedShardError
from chassis.store.hold import Hold
from chassis.store.positions import PROJECTIONS, Positions
from chassis.store.projector import BATCH, Projection, Projector

__all__ = ["BATCH", "Projection", "ProjectionRunner"]


class ProjectionRunner:
    """Follows every shard of a store for one projection.

    Several processes may run the same projection: the position guards the rows, the loser reloads.
    An event that can't be handled stops its shard until the process is restarted; it is logged by
    topic and position, ``healthy`` turns False, and it is never skipped. While ``rebuild``
    exchanges the rows it waits, in whichever process it is.
    """

    def __init__(
        self,
        store: ShardedStore[Any],
        projection: Projection,
        runner: CommandRunner,
        database: Database[Document],
    ) -> None:
        self._name = projection.name
        self._runner = runner
        self._hold = Hold(database, projection.name)
        self._projector = Projector(
            store, projection, database, Positions(database, PROJECTIONS, projection.name)
        )
        self._positions: dict[int, int] = {}
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
        try:
            step = await self._runner.run(self._projector.work, shard, self._positions.get(shard))
        except HeldError:
            # Whoever holds the rows may have been killed.
            await self._runner.run(self._hold.break_stale)
            raise
        self._positions[shard] = step.position
        for entry in list(self._waiters.get(shard, [])):
            if entry[0] <= step.position and not entry[1].done():
                entry[1].set_result(None)
        if step.poisoned is not None:
            report(self._name, shard, step.poisoned)
            raise StoppedShardError from step.poisoned
        return step.more
