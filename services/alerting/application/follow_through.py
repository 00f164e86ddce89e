"""Do what escalations owe: keep their timers, and tell people, each in a task of its own.

No consumer ever waits for a mail server. A notification's task tries until it is settled or no
longer wanted, with a pause of its own; the store remembers what is owed, so tasks may die.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable
from typing import TypeVar

from chassis.clock import as_datetime, now_ms
from chassis.errors import TransientError
from services.alerting.application.courier import Courier
from services.alerting.application.desk import Desk
from services.alerting.application.ports import Timers
from services.alerting.application.settle_notification import (
    SettleNotification,
    settle_notification,
)
from services.alerting.domain.todo import Todo

log = logging.getLogger(__name__)

FIRST_PAUSE_S = 1.0
LONGEST_PAUSE_S = 30.0
"""A mail server that comes back is noticed within half a minute, well inside a step's wait."""
CONVERSATIONS = 8
"""Conversations with the mail server at once."""
GRACE_S = 6.0
"""Conversations under way may end within this time when the process stops."""

T = TypeVar("T")
Key = tuple[str, str, int]


class FollowThrough:
    """Carries out todos. Doing the same todo again is harmless."""

    def __init__(
        self, desk: Desk, timers: Timers, courier: Courier, first_pause_s: float = FIRST_PAUSE_S
    ) -> None:
        self._desk = desk
        self._timers = timers
        self._courier = courier
        self._first_pause_s = first_pause_s
        self._gate = asyncio.Semaphore(CONVERSATIONS)
        self._telling: dict[Key, asyncio.Task[None]] = {}
        self._stopping = asyncio.Event()

    async def carry_out(self, todos: Iterable[Todo]) -> None:
        """Begin what has to be told, and set timers. Raises TransientError while NATS is away."""
        for todo in todos:
            for step in todo.deliveries:
                self._ensure((todo.tenant, todo.escalation_id, step))
            if todo.timer is None:
                await self._timers.disarm(todo.tenant, todo.escalation_id)
            else:
                await self._timers.arm(
                    todo.tenant, todo.escalation_id, todo.timer.step, todo.timer.at
                )

    async def run(self, stop: asyncio.Event) -> None:
        """Wait for ``stop``, then let conversations end. What is still owed is in the store."""
        await stop.wait()
        self._stopping.set()
        if self._telling:
            _, late = await asyncio.wait(self._telling.values(), timeout=GRACE_S)
            for task in late:
                task.cancel()

    def _ensure(self, key: Key) -> None:
        if key in self._telling or self._stopping.is_set():
            return
        task = asyncio.create_task(self._tell(key), name=f"tell {key[1]} {key[2]}")
        self._telling[key] = task
        task.add_done_callback(lambda _: self._telling.pop(key, None))

    async def _tell(self, key: Key) -> None:
        tenant, escalation_id, step = key
        told = await self._until_done(key, lambda: self._converse(key))
        if told is None or told[0] is None:
            return
        # Settled in a loop of its own: a store that is away must not have people told again.
        command = SettleNotification(tenant, escalation_id, step, told[0], as_datetime(told[1]))
        outcome = await self._until_done(
            key, lambda: self._desk.run(tenant, settle_notification, command)
        )
        if outcome is not None:
            log.info("escalation %s: %s", escalation_id, outcome.verdict)
            # The sweeper does it if NATS stays away until the process stops.
            await self._until_done(key, lambda: self.carry_out(outcome.todos))

    async def _converse(self, key: Key) -> tuple[str | None, int]:
        async with self._gate:
            if self._stopping.is_set():
                raise TransientError("stopping", "the process stops; the next one tells")
            return await self._courier.tell(*key), now_ms()

    async def _until_done(self, key: Key, work: Callable[[], Awaitable[T]]) -> T | None:
        """What ``work`` returns once it does; None if the process stops. It is tried once at least.

        So a message that was accepted while the process stops is still recorded.
        """
        pause = self._first_pause_s
        while True:
            try:
                return await work()
            except TransientError as error:
                log.warning("escalation %s step %d tries again: %s", key[1], key[2], error.slug)
            except Exception:
                # Whatever it is, somebody has to be told: a defect must not end the trying.
                log.exception("escalation %s step %d tries again", key[1], key[2])
            try:
                await asyncio.wait_for(self._stopping.wait(), pause)
            except TimeoutError:
                pause = min(pause * 2, LONGEST_PAUSE_S)
            else:
                return None
