"""Where commands run: in the school's shard and a thread; what was written is made known."""

import logging
from collections.abc import Callable, Sequence
from typing import TypeVar, TypeVarTuple, Unpack

from chassis.store.application import ShardedStore
from chassis.store.commands import CommandRunner
from services.alerting.application.outcome import Alerting, Outcome
from services.alerting.application.ports import Directory

log = logging.getLogger(__name__)

Args = TypeVarTuple("Args")
T = TypeVar("T")


class Desk:
    """Runs commands. ``committed`` is told (shard, position) of each write."""

    def __init__(
        self,
        store: ShardedStore[Alerting],
        runner: CommandRunner,
        directory: Directory,
        committed: Sequence[Callable[[int, int], None]] = (),
    ) -> None:
        self._store = store
        self._runner = runner
        self._directory = directory
        self._committed = committed

    async def ask(self, tenant: str, fn: Callable[[Alerting, Unpack[Args]], T], *args: *Args) -> T:
        """Run a query. Raises TransientError while the store is away."""
        shard = self._directory.shard_of(tenant)

        def work() -> T:
            return fn(self._store.shard(shard), *args)

        return await self._runner.run(work)

    async def run(
        self, tenant: str, fn: Callable[[Alerting, Unpack[Args]], Outcome], *args: *Args
    ) -> Outcome:
        """Run a command. Raises what it raises, and TransientError while the store is away."""
        outcome = await self.ask(tenant, fn, *args)
        if outcome.position:
            shard = self._directory.shard_of(tenant)
            for notify in self._committed:
                notify(shard, outcome.position)
        for escalation_id in outcome.exhausted:
            log.error("escalation %s of school %s is exhausted", escalation_id, tenant)
        return outcome
