"""Queries that capture answers."""

from typing import cast

import strawberry

from contracts.capture.v1 import capture_pb2 as ca
from gateway.schema.capture.types import DeviceCoverage
from gateway.schema.context import Info
from gateway.schema.fields import answered


@strawberry.type
class CaptureQueries:
    """Coverage."""

    @answered("Every enrolled device and when it was last heard.")
    async def coverage(self, info: Info) -> list[DeviceCoverage] | None:
        """Ask capture."""
        reply = await info.context.ask(ca.ListCoverageRequest(), ca.ListCoverageResponse)
        return cast("list[DeviceCoverage]", reply.devices)
