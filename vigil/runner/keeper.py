"""Keeps one program running: starts it, waits for its end, starts it again."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from vigil.embedded.data_folder import Say
from vigil.embedded.errors import EmbeddedError, EndedEarly
from vigil.embedded.managed import Managed

FIRST_PAUSE = 0.2
LONGEST_PAUSE = 5.0
"""Seconds before a program that died is started again: doubled each time."""

STEADY_AFTER = 10.0
"""Seconds of running after which the next death counts as the first again."""

FIRST_ATTEMPTS = 3
"""Starts before the runner gives up at the beginning: one may be unlucky, three are a mistake."""


class State(StrEnum):
    """Where a program stands."""

    WAITING = "waiting"
    STARTING = "starting"
    READY = "ready"
    DIED = "died"
    STOPPED = "stopped"


@dataclass(frozen=True)
class Status:
    """A program as the runner sees it now. ``restarts`` counts since the runner began."""

    name: str
    state: State
    pid: int | None
    restarts: int


class Keeper:
    """One program and what happened to it. ``changed`` is called whenever its pid may differ."""

    def __init__(self, unit: Managed, changed: Callable[[], None], say: Say) -> None:
        self.unit = unit
        self._changed = changed
        self._say = say
        self._state = State.WAITING
        self._restarts = 0

    def status(self) -> Status:
        """Return the state of now; a program found dead is not called ready."""
        pid = self.unit.pid
        state = State.DIED if self._state is State.READY and pid is None else self._state
        return Status(self.unit.name, state, pid, self._restarts)

    async def begin(self) -> None:
        """Start the program for the first time, trying again when it ends early.

        Raises EmbeddedError: EndedEarly after the last attempt, others at once.
        """
        pause = FIRST_PAUSE
        for _ in range(FIRST_ATTEMPTS - 1):
            try:
                return await self._start()
            except EndedEarly:
                await self.unit.stop()
            await asyncio.sleep(pause)
            pause *= 2
        return await self._start()

    async def keep(self) -> None:
        """Start the program again whenever it ends, until cancelled."""
        pause = FIRST_PAUSE
        while True:
            since = time.monotonic()
            code = await self.unit.exited()
            self._state = State.DIED
            self._changed()
            if time.monotonic() - since > STEADY_AFTER:
                pause = FIRST_PAUSE
            self._say(f"{self.unit.name} ended with code {code}: starting it again.")
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)
            self._restarts += 1
            try:
                await self._start()
            except (EmbeddedError, OSError) as error:
                self._say(str(error))
                await self.unit.stop()

    async def stop(self, within: float) -> None:
        """Stop the program: SIGTERM, and SIGKILL after ``within`` seconds."""
        await self.unit.stop(within)
        self._state = State.STOPPED
        self._changed()

    async def _start(self) -> None:
        self._state = State.STARTING
        self.unit.spawn()
        self._changed()
        await self.unit.ready()
        self._state = State.READY
