"""What the runner can do with any program it keeps: start, ask, wait for, stop."""

import asyncio
from abc import ABC, abstractmethod

from vigil.embedded.errors import EndedEarly, NotReadyInTime
from vigil.embedded.process import ChildProcess, Command

_FIRST_PAUSE = 0.03
_LONGEST_PAUSE = 0.5
"""Seconds between two looks at whether it is ready, a little longer each time."""


class Managed(ABC):
    """A program with a name that can be started again and again, always in the same place.

    A subclass says how to start it (``command``) and when it is ready (``settled``).
    """

    def __init__(self, name: str, ready_within: float) -> None:
        self.name = name
        self._ready_within = ready_within
        self._process: ChildProcess | None = None

    @abstractmethod
    def command(self) -> Command:
        """Return what to start; called anew for each start, and may write files for it."""

    @abstractmethod
    async def settled(self) -> bool:
        """Take the next step towards readiness; True when there is none left."""

    @property
    def pid(self) -> int | None:
        """The process id of the running program, None when it doesn't run."""
        if self._process is None or self._process.poll() is not None:
            return None
        return self._process.pid

    async def start(self) -> None:
        """Start the program and wait until it is ready. Raises as ``spawn`` and ``ready`` do."""
        self.spawn()
        await self.ready()

    def spawn(self) -> None:
        """Start the program, without waiting for it.

        Raises RuntimeError if it runs already, EmbeddedError or OSError if it can't be started.
        """
        if self.pid is not None:
            raise RuntimeError(f"{self.name} is running already")
        self._process = ChildProcess(self.command())

    async def ready(self) -> None:
        """Wait until the program is ready.

        Raises EndedEarly or NotReadyInTime (both StartFailed), with the tail of its log.
        """
        process = self._running()
        pause = _FIRST_PAUSE
        try:
            async with asyncio.timeout(self._ready_within):
                while True:
                    settled = await self.settled()
                    # Asked after the probe: a stranger on our port may have answered for it.
                    if (code := process.poll()) is not None:
                        raise EndedEarly(self._story(f"ended with code {code}", process))
                    if settled:
                        return
                    await asyncio.sleep(pause)
                    pause = min(pause * 1.1, _LONGEST_PAUSE)
        except TimeoutError:
            waited = f"was not ready after {self._ready_within:g} seconds"
            raise NotReadyInTime(self._story(waited, process)) from None

    async def exited(self) -> int:
        """Wait until the program ends, and return its exit code."""
        return await self._running().exited()

    async def stop(self, timeout: float = 10.0) -> None:  # noqa: ASYNC109 - what follows a timeout is SIGKILL, not an error
        """SIGTERM, and SIGKILL after ``timeout`` seconds. Does nothing when it doesn't run."""
        if self._process is not None:
            await self._process.stop(timeout)

    async def restart(self) -> None:
        """Stop the program, then start it on the same port with the same data."""
        await self.stop()
        await self.start()

    def kill(self) -> None:
        """Kill the program now; ``exited`` tells when it has ended."""
        if self._process is not None:
            self._process.kill()

    def _running(self) -> ChildProcess:
        if self._process is None:
            raise RuntimeError(f"{self.name} has not been started")
        return self._process

    def _story(self, what: str, process: ChildProcess) -> str:
        tail = process.log_tail() or "(nothing)"
        return f"{self.name} {what}. Its log ends:\n{tail}"
