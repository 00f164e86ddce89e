"""What incidents asks of capture and directory."""

from collections.abc import Sequence

from chassis.bus.bus import Bus
from contracts.capture.v1.capture_pb2 import (
    ActivityBatch,
    ContextAroundRequest,
    ContextAroundResponse,
)
from contracts.directory.v1.requests_pb2 import NameOfRequest, NameOfResponse

BATCHES_EACH_SIDE = 5
WITHIN_S = 3.0


class CaptureContext:
    """Batches around an activity, by capture."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus

    async def around(
        self, school: str, device_id: str, key_id: str, sequence: int
    ) -> Sequence[ActivityBatch]:
        """Sealed batches in stream order. TransientError while capture is away."""
        request = ContextAroundRequest(
            device_id=device_id, key_id=key_id, sequence=sequence, each_side=BATCHES_EACH_SIDE
        )
        answer = await self._bus.ask(
            request, ContextAroundResponse, tenant=school, within_s=WITHIN_S
        )
        return answer.batches


class DirectoryNames:
    """Names, by directory; asked only for a recorded reveal."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus

    async def of(self, school: str, person_id: str) -> str:
        """The name; GoneError once the person is erased."""
        answer = await self._bus.ask(
            NameOfRequest(person_id=person_id), NameOfResponse, tenant=school
        )
        return answer.name
