"""Answer what one identity did on one device around a moment, still sealed."""

from chassis.auth import Caller
from chassis.errors import InvalidError
from contracts.capture.v1.capture_pb2 import ContextAroundRequest, ContextAroundResponse
from services.capture.application.ports import Stream

MOST = 20


class ContextAround:
    """Reads by batch sequence on the device's subject; other identities' batches are left out."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream

    async def handle(self, request: ContextAroundRequest, caller: Caller) -> ContextAroundResponse:
        """The batches; fewer than asked for where there are no more or they have expired."""
        if not 0 < request.each_side <= MOST:
            raise InvalidError("bad_each_side", f"each_side must be 1 to {MOST}")
        batches = await self._stream.around(
            caller.tenant, request.device_id, request.sequence, request.each_side, request.key_id
        )
        return ContextAroundResponse(batches=batches)
