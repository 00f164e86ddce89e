"""Look after every open escalation again and again, so that no crash leaves one behind."""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Sequence

from pymongo.errors import PyMongoError

from chassis.errors import NotFoundError, TransientError
from services.alerting.application.desk import Desk
from services.alerting.application.follow_through import FollowThrough
from services.alerting.application.look_after import look_after
from services.alerting.application.ports import Directory

log = logging.getLogger(__name__)

LOADING_S = 0.1

OpenOnes = Callable[[str], Awaitable[Sequence[str]]]


class Sweeper:
    """``open_ones`` gives the ids of a school's escalations that may owe something."""

    def __init__(
        self,
        desk: Desk,
        directory: Directory,
        follow_through: FollowThrough,
        open_ones: OpenOnes,
        every_s: float,
    ) -> None:
        self._desk = desk
        self._directory = directory
        self._follow_through = follow_through
        self._open_ones = open_ones
        self._every_s = every_s

    async def run(self, stop: asyncio.Event) -> None:
        """Sweep once the directory's copy is loaded, and then every ``every_s`` seconds."""
        while not self._directory.loaded and not stop.is_set():
            await _pause(stop, LOADING_S)
        while not stop.is_set():
            for tenant in self._directory.schools():
                if stop.is_set():
                    return
                await self._sweep(tenant)
            await _pause(stop, self._every_s)

    async def _sweep(self, tenant: str) -> None:
        try:
            for escalation_id in await self._open_ones(tenant):
                outcome = await self._desk.run(tenant, look_after, tenant, escalation_id)
                await self._follow_through.carry_out(outcome.todos)
        except (TransientError, PyMongoError) as error:
            log.warning("the sweep of school %s is put off: %s", tenant, type(error).__name__)
        except NotFoundError:
            log.exception("the view of school %s shows an escalation that is not stored", tenant)


async def _pause(stop: asyncio.Event, seconds: float) -> None:
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(stop.wait(), seconds)
