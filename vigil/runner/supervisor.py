"""Puts everything up in order, keeps it up, and takes it down in order."""

import asyncio
import json
import logging
import signal
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager

from vigil.embedded.data_folder import DataFolder, Say
from vigil.embedded.managed import Managed
from vigil.embedded.private_files import write_private
from vigil.runner.keeper import Keeper, Status
from vigil.runner.program import Child, Program

STOP_ORDER = (
    ("capture", "gateway"),
    ("evaluation", "incidents", "alerting", "reporting"),
    ("directory", "smtp"),
    ("nats", "mongod"),
)
"""What takes work in goes first, what others ask goes last; a group at once."""

Prepare = Callable[[], Awaitable[None]]
Hook = Callable[[], None]


def _nothing() -> None:
    return None


class Supervisor:
    """Keeps ``servers`` and then ``roles`` running in a locked data folder.

    ``prepare`` runs between the two, when the servers answer: the place to make streams. Roles
    have ``ready_within`` seconds each, all at once. Programs absent from ``stop_order`` are
    stopped first. ``children.json`` in the folder maps names to process ids, always current.
    """

    def __init__(
        self,
        folder: DataFolder,
        servers: Sequence[Managed],
        roles: Sequence[Child],
        *,
        prepare: Prepare | None = None,
        stop_order: Sequence[Sequence[str]] = STOP_ORDER,
        ready_within: float = 60.0,
        stop_within: float = 10.0,
        say: Say | None = None,
    ) -> None:
        self._folder = folder
        self._say = say or logging.getLogger(__name__).warning
        self._prepare = prepare
        self._stop_order = stop_order
        self._stop_within = stop_within
        self._servers = [self._keeper(server) for server in servers]
        self._roles = [self._keeper(Program(folder, role, ready_within)) for role in roles]
        self._watches: list[asyncio.Task[None]] = []
        self._asked_to_stop = asyncio.Event()

    async def run(self, on_ready: Hook = _nothing, on_stopping: Hook = _nothing) -> None:
        """Start everything, keep it up until SIGINT, SIGTERM, SIGHUP or ``request_stop``, stop it.

        A second signal kills what is still running. Raises EmbeddedError if the start fails, after
        stopping whatever had started.
        """
        with self._signals():
            try:
                if await self._unless_asked_to_stop(self.start()):
                    on_ready()
                    await self._unless_asked_to_stop(self._watch())
            finally:
                try:
                    on_stopping()
                finally:
                    await self.stop()

    async def start(self) -> None:
        """Start the servers, prepare, start the roles; return when all are ready.

        Raises EmbeddedError naming the program that failed; ``stop`` what had started.
        """
        await self._begin(self._servers)
        if self._prepare is not None:
            await self._prepare()
        await self._begin(self._roles)

    async def stop(self) -> None:
        """Stop everything in order, group by group. Harmless when nothing runs."""
        for watch in self._watches:
            watch.cancel()
        await asyncio.gather(*self._watches, return_exceptions=True)
        self._watches.clear()
        for group in self._in_stop_order():
            await asyncio.gather(*(keeper.stop(self._stop_within) for keeper in group))
        (self._folder.path / "children.json").unlink(missing_ok=True)

    def request_stop(self) -> None:
        """Let ``run`` stop everything; asked again, kill what still runs."""
        if self._asked_to_stop.is_set():
            for keeper in (*self._roles, *self._servers):
                keeper.unit.kill()
        self._asked_to_stop.set()

    def statuses(self) -> dict[str, Status]:
        """Return how each program stands, by name, servers first."""
        keepers = (*self._servers, *self._roles)
        return {keeper.unit.name: keeper.status() for keeper in keepers}

    def _keeper(self, unit: Managed) -> Keeper:
        return Keeper(unit, self._write_children, self._say)

    async def _begin(self, keepers: Sequence[Keeper]) -> None:
        starts = [asyncio.create_task(keeper.begin()) for keeper in keepers]
        try:
            await asyncio.gather(*starts)
        finally:
            for start in starts:
                start.cancel()
            await asyncio.gather(*starts, return_exceptions=True)
        # Kept from now on: a server may die while the roles are still starting.
        self._watches += [asyncio.create_task(keeper.keep()) for keeper in keepers]

    async def _watch(self) -> None:
        # They end only by an error that nobody foresaw: it must not pass in silence.
        await asyncio.gather(*self._watches)

    async def _unless_asked_to_stop(self, work: Awaitable[None]) -> bool:
        doing = asyncio.ensure_future(work)
        asked = asyncio.create_task(self._asked_to_stop.wait())
        try:
            await asyncio.wait({doing, asked}, return_when=asyncio.FIRST_COMPLETED)
            if not doing.done():
                return False
            await doing
            return True
        finally:
            doing.cancel()
            asked.cancel()
            await asyncio.gather(doing, asked, return_exceptions=True)

    @contextmanager
    def _signals(self) -> Iterator[None]:
        loop = asyncio.get_running_loop()
        numbers = [signal.SIGINT, signal.SIGTERM]
        if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # as nohup leaves it
            numbers.append(signal.SIGHUP)
        for number in numbers:
            loop.add_signal_handler(number, self.request_stop)
        try:
            yield
        finally:
            for number in numbers:
                loop.remove_signal_handler(number)

    def _in_stop_order(self) -> list[list[Keeper]]:
        keepers = (*self._roles, *self._servers)
        known = {name for group in self._stop_order for name in group}
        first = [keeper for keeper in keepers if keeper.unit.name not in known]
        return [first] + [
            [keeper for keeper in keepers if keeper.unit.name in group]
            for group in self._stop_order
        ]

    def _write_children(self) -> None:
        running = {name: status.pid for name, status in self.statuses().items() if status.pid}
        text = json.dumps(running, indent=2)
        write_private(self._folder.path / "children.json", text.encode())
