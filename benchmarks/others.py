"""How much of the machine programs outside this measurement use: they slow what is measured."""

import asyncio
import time

from machine import busy_s, own_cpu_s
from progress import say
from running import Running

LOOK_S = 3.0
WAIT_AT_MOST_S = 300.0
TRIES = 3
"""Runs of one step until one is undisturbed."""


class Others:
    """Counts from when it is made. The runner of `vigil up` counts as another program."""

    def __init__(self, system: Running) -> None:
        self._system = system
        self._began, self._busy, self._spent = time.monotonic(), busy_s(), self._own()

    def _own(self) -> float:
        return sum(self._system.usage().cpu_s.values()) + own_cpu_s()

    def cores(self) -> float:
        """Cores they have used since."""
        used = busy_s() - self._busy - (self._own() - self._spent)
        return max(0.0, used / (time.monotonic() - self._began))


async def quiet(system: Running, cores: float | None) -> None:
    """Wait until others use no more than ``cores``, five minutes at most; None: do not wait."""
    deadline = time.monotonic() + WAIT_AT_MOST_S
    while cores is not None and time.monotonic() < deadline:
        others = Others(system)
        await asyncio.sleep(LOOK_S)
        if (used := others.cores()) <= cores:
            return
        say(f"others use {used:.2f} cores: waiting")
