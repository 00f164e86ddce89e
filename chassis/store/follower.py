"""When to look at which shard: wake-ups from one's own process, polls for the commits of others."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from functools import partial

ACTIVE_POLL_S = 0.1
IDLE_POLL_S = 2.0
ACTIVE_FOR_S = 10.0
"""How long after its last event a shard is polled closely."""

_AT_ONCE = 4
"""Shards worked on at the same time, so that catching up leaves threads to the commands."""

_FIRST_BACK_OFF_S = 0.1
_LONGEST_BACK_OFF_S = 5.0
_QUIET_BACK_OFF_S = 0.5
_GRACE_S = 5.0

logger = logging.getLogger(__name__)


class StoppedShardError(Exception):
    """Raised by a step to say that its shard must not be followed further."""


class Follower:
    """Calls ``step(shard)`` until it says there is nothing more, whenever there may be something.

    ``heads`` gives the last position of each shard in one query, asked every two seconds, and every
    tenth of one while any shard had an event in the last ten. ``position`` says how far a shard was
    followed. A step that raises is repeated after a pause, at most five seconds; one that raises
    StoppedShardError is not called for that shard again.
    """

    def __init__(
        self,
        name: str,
        heads: Callable[[], Awaitable[Mapping[int, int]]],
        position: Callable[[int], int],
        step: Callable[[int], Awaitable[bool]],
    ) -> None:
        self._name = name
        self._heads = heads
        self._position = position
        self._step = step
        self._known_heads: dict[int, int] = {}
        self._active_until: dict[int, float] = {}
        self._not_before: dict[int, float] = {}
        self._back_off: dict[int, float] = {}
        self._due: set[int] = set()
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        self._wake = asyncio.Event()
        self._looked = asyncio.Event()
        self._slots = asyncio.Semaphore(_AT_ONCE)
        self.stopped: set[int] = set()

    def notify(self, shard: int, position: int) -> None:
        """Say that ``shard`` has events up to ``position``; from any thread."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._notice, shard, position)

    def look(self, shard: int) -> None:
        """Look at the shard now, and closely for a while; from the loop's own thread."""
        self._active_until[shard] = time.monotonic() + ACTIVE_FOR_S
        self._due.add(shard)
        self._wake.set()
        self._looked.set()

    def lag(self) -> dict[int, int]:
        """Events not yet followed in each shard, by the heads last seen."""
        return {n: max(0, head - self._position(n)) for n, head in self._known_heads.items()}

    async def run(self, stop: asyncio.Event) -> None:
        """Follow all shards until ``stop``; running steps get five seconds to end."""
        self._loop = asyncio.get_running_loop()
        stopper = asyncio.create_task(stop.wait())
        stopper.add_done_callback(lambda _: self._wake.set())
        sweep = asyncio.create_task(self._sweep())
        try:
            while not stop.is_set():
                self._wake.clear()
                self._start_due(stop)
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._wake.wait(), self._pause())
        finally:
            stopper.cancel()
            sweep.cancel()
            await self._end(sweep, stopper)

    async def _sweep(self) -> None:
        """Look at the heads of all shards in one query, for what other processes wrote."""
        pause = _FIRST_BACK_OFF_S
        while True:
            try:
                heads = await self._heads()
            except Exception as error:  # noqa: BLE001 - any outage; following must go on after it
                logger.warning("%s cannot see the shards: %s", self._name, type(error).__name__)
                await asyncio.sleep(pause)
                pause = min(pause * 2, _LONGEST_BACK_OFF_S)
                continue
            pause = _FIRST_BACK_OFF_S
            for shard, head in heads.items():
                self._notice(shard, head)
            await self._until_next_sweep()

    async def _until_next_sweep(self) -> None:
        now = time.monotonic()
        if any(until > now for until in self._active_until.values()):
            await asyncio.sleep(ACTIVE_POLL_S)
            return
        self._looked.clear()
        with suppress(TimeoutError):
            await asyncio.wait_for(self._looked.wait(), IDLE_POLL_S)

    def _notice(self, shard: int, head: int) -> None:
        self._known_heads[shard] = max(head, self._known_heads.get(shard, 0))
        if head > self._position(shard):
            self.look(shard)

    def _start_due(self, stop: asyncio.Event) -> None:
        now = time.monotonic()
        for shard in list(self._due):
            if shard in self.stopped:
                self._due.discard(shard)
            elif shard not in self._tasks and self._not_before.get(shard, 0.0) <= now:
                self._due.discard(shard)
                task = asyncio.create_task(self._follow(shard, stop))
                self._tasks[shard] = task
                task.add_done_callback(partial(self._ended, shard))

    def _ended(self, shard: int, _: asyncio.Task[None]) -> None:
        del self._tasks[shard]
        if shard in self._due:
            self._wake.set()

    def _pause(self) -> float:
        # What is due and not begun waits for the end of a back-off.
        return ACTIVE_POLL_S if self._due else IDLE_POLL_S

    async def _follow(self, shard: int, stop: asyncio.Event) -> None:
        try:
            while not stop.is_set():
                async with self._slots:
                    before = self._position(shard)
                    more = await self._step(shard)
                self._back_off.pop(shard, None)
                if self._position(shard) > before:
                    self._active_until[shard] = time.monotonic() + ACTIVE_FOR_S
                if not more:
                    break
        except StoppedShardError:
            self.stopped.add(shard)
        except Exception as error:  # noqa: BLE001 - any outage; following must go on after it
            pause = self._back_off.get(shard, _FIRST_BACK_OFF_S)
            self._back_off[shard] = min(pause * 2, _LONGEST_BACK_OFF_S)
            self._not_before[shard] = time.monotonic() + pause
            self._due.add(shard)
            # A single conflict with another process is normal; a pause that has grown is not.
            level = logging.WARNING if pause > _QUIET_BACK_OFF_S else logging.DEBUG
            logger.log(level, "%s pauses shard %d: %s", self._name, shard, type(error).__name__)

    async def _end(self, *helpers: asyncio.Task[object]) -> None:
        tasks = list(self._tasks.values())
        if tasks:
            _, late = await asyncio.wait(tasks, timeout=_GRACE_S)
            for task in late:
                task.cancel()
        await asyncio.gather(*helpers, *tasks, return_exceptions=True)
