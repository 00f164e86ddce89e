"""Declarations over capture's messages."""

from datetime import datetime

import strawberry

from contracts.capture.v1 import capture_pb2 as ca
from gateway.schema.reading import shows
from gateway.schema.scalars import BigInt


@shows(ca.DeviceCoverage)
@strawberry.type(description="When a device was last heard.")
class DeviceCoverage:
    """Coverage of one device."""

    device_id: strawberry.ID
    name: str
    kind: str
    state: str = strawberry.field(description="active, silent or never_seen.")
    last_seen: datetime | None
    last_activity: datetime | None
    activities: BigInt
