"""Answer which enrolled devices are heard, silent or were never seen."""

from chassis.auth import Caller
from chassis.clock import now_ms
from contracts.capture.v1.capture_pb2 import (
    DeviceCoverage,
    ListCoverageRequest,
    ListCoverageResponse,
)
from services.capture.application.ports import DeviceRegister, Ledger
from services.capture.domain.coverage import Seen, state_of


class ListCoverage:
    """Expected against seen, for one school."""

    def __init__(self, ledger: Ledger, devices: DeviceRegister, silent_after_s: float) -> None:
        self._ledger = ledger
        self._devices = devices
        self._after_ms = int(silent_after_s * 1000)

    async def handle(self, _: ListCoverageRequest, caller: Caller) -> ListCoverageResponse:
        """Every active device of the caller's school, by name."""
        seen = {s.device_id: s for s in await self._ledger.all(caller.tenant)}
        rows, now = [], now_ms()
        for device in self._devices.of_tenant(caller.tenant):
            if not device.active:
                continue
            known = seen.get(device.device_id, Seen(device.device_id, device.tenant))
            rows.append(
                DeviceCoverage(
                    device_id=device.device_id,
                    name=device.name,
                    kind=device.kind,
                    state=state_of(known, now, self._after_ms).value,
                    last_seen_ms=known.last_seen_ms,
                    last_activity_ms=known.last_activity_ms,
                    activities=known.activities,
                )
            )
        return ListCoverageResponse(devices=sorted(rows, key=lambda row: row.name))
