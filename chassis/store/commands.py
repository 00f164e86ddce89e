"""The only bridge between the event loop and the synchronous store: commands run in threads."""

import asyncio
import contextvars
import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar, TypeVarTuple

from eventsourcing.persistence import IntegrityError
from pymongo.errors import PyMongoError

from chassis.store.errors import LostRaceError, StoreAwayError, is_away

RETRIES = 5
_JITTER_S = 0.02

Args = TypeVarTuple("Args")
T = TypeVar("T")


class CommandRunner:
    """Runs commands in a pool of threads.

    About 16 threads are best: the limit is Python's own work, and more delay the event loop
    (measured with 64 concurrent commands).
    """

    def __init__(self, workers: int = 16) -> None:
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="command")

    async def run(self, fn: Callable[[*Args], T], *args: *Args) -> T:
        """Run ``fn(*args)`` in a thread and return what it returns.

        If it lost a race (IntegrityError) the whole function is run again, up to five times, so it
        must load what it decides on; then LostRaceError is raised. Cancelling the caller does not
        stop the thread: the commit may still be made.
        """
        loop = asyncio.get_running_loop()
        for attempt in range(RETRIES + 1):
            context = contextvars.copy_context()  # the trace goes along
            try:
                return await loop.run_in_executor(self._pool, lambda: context.run(fn, *args))  # noqa: B023 - awaited within the iteration
            except LostRaceError:
                raise
            except PyMongoError as error:
                # Reads meet an outage as the driver says it; to a caller it is worth trying again.
                if is_away(error):
                    raise StoreAwayError from error
                raise
            except IntegrityError as error:
                if attempt == RETRIES:
                    raise LostRaceError from error
            await asyncio.sleep(random.uniform(0.1, 1) * _JITTER_S * (attempt + 1))  # noqa: S311 - spreads retries, hides nothing
        raise LostRaceError

    def close(self) -> None:
        """Wait for running commands; those not begun are dropped."""
        self._pool.shutdown(wait=True, cancel_futures=True)
