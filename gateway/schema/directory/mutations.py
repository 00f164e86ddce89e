"""Commands that directory takes."""

import strawberry

from contracts.directory.v1 import requests_pb2 as dr
from gateway.schema.context import Info
from gateway.schema.directory.types import EnrolledDevice
from gateway.schema.fields import decided


@strawberry.type
class DirectoryMutations:
    """Devices."""

    @decided("Enrol a device. A name that is known gets a new token and the old one ends.")
    async def enrol_device(self, info: Info, name: str, kind: str) -> EnrolledDevice | None:
        """Ask directory."""
        return await info.context.show(EnrolledDevice, dr.EnrolDeviceRequest(name=name, kind=kind))
