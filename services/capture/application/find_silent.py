"""Look for devices that fell silent or were heard again, and say so once."""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable

from pymongo.errors import PyMongoError

from chassis.clock import now_ms
from chassis.errors import TransientError
from contracts.capture.v1.capture_pb2 import CoverageChanged
from services.capture.application.ports import DeviceRegister, Ledger, Stream
from services.capture.domain.coverage import state_of

log = logging.getLogger(__name__)


class FindSilent:
    """Announces changes of state. Two replicas may announce one change twice: same message id."""

    def __init__(
        self, ledger: Ledger, devices: DeviceRegister, stream: Stream, silent_after_s: float
    ) -> None:
        self._ledger = ledger
        self._devices = devices
        self._stream = stream
        self._after_ms = int(silent_after_s * 1000)

    async def look(self, at_ms: int) -> int:
        """Announce what changed by ``at_ms``; how many devices that were."""
        changed = 0
        for seen in await self._ledger.all():
            state = state_of(seen, at_ms, self._after_ms).value
            device = self._devices.get(seen.device_id)
            if state == seen.announced or device is None or not device.active:
                continue
            await self._stream.say_coverage(
                CoverageChanged(
                    device_id=seen.device_id,
                    state=state,
                    last_seen_ms=seen.last_seen_ms,
                    at_ms=at_ms,
                ),
                seen.tenant,
            )
            await self._ledger.announced(seen.tenant, seen.device_id, state)
            changed += 1
        return changed

    def every(self, seconds: float) -> Callable[[asyncio.Event], Awaitable[None]]:
        """A task that looks every ``seconds``, through outages."""

        async def task(stop: asyncio.Event) -> None:
            while not stop.is_set():
                try:
                    await self.look(now_ms())
                except (PyMongoError, TransientError) as error:
                    log.warning("coverage waits: %s", type(error).__name__)
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(stop.wait(), seconds)

        return task
