"""Capture's copy of the schools and devices that directory has published."""

from collections.abc import Iterable
from hashlib import sha256

from chassis.bus.consume import Meta
from chassis.errors import ForbiddenError, UnauthenticatedError
from contracts.directory.v1.states_pb2 import DeviceState, SchoolState
from services.capture.application.ports import Device

DEFAULT_RETENTION_DAYS = 30
DAY_S = 86_400.0


class Devices:
    """In memory: about 300 bytes a device; filled from DIRECTORY before the role is ready."""

    def __init__(self) -> None:
        self._by_id: dict[str, Device] = {}
        self._by_hash: dict[str, str] = {}
        self._hash_of: dict[str, str] = {}
        self._retention: dict[str, float] = {}

    async def learn(self, message: object, meta: Meta) -> None:
        """Take in one state from DIRECTORY."""
        if isinstance(message, SchoolState):
            days = message.retention_days or DEFAULT_RETENTION_DAYS
            self._retention[meta.tenant] = days * DAY_S
        elif isinstance(message, DeviceState):
            old = self._hash_of.pop(message.device_id, None)
            if old is not None:
                self._by_hash.pop(old, None)
            self._by_hash[message.token_hash] = message.device_id
            self._hash_of[message.device_id] = message.token_hash
            self._by_id[message.device_id] = Device(
                message.device_id, meta.tenant, message.name, message.kind, message.active
            )

    def authenticate(self, token: str, claimed: str | None) -> Device:
        """The device of ``token``.

        Raises UnauthenticatedError for an unknown token, ForbiddenError for a device that is no
        longer active or when ``claimed`` (a device id) is another one, of whichever school.
        """
        device_id = self._by_hash.get(sha256(token.encode()).hexdigest())
        if device_id is None:
            raise UnauthenticatedError(
                "bad_device_token", "the device token is unknown; enrol the device again"
            )
        device = self._by_id[device_id]
        if claimed is not None and claimed != device_id:
            raise ForbiddenError("other_device", "the token belongs to another device")
        if not device.active:
            raise ForbiddenError("device_inactive", "the device is no longer enrolled")
        return device

    def of_tenant(self, tenant: str) -> Iterable[Device]:
        """A school's devices."""
        return [device for device in self._by_id.values() if device.tenant == tenant]

    def get(self, device_id: str) -> Device | None:
        """One device."""
        return self._by_id.get(device_id)

    def retention_s(self, tenant: str) -> float:
        """Seconds that a school keeps activity."""
        return self._retention.get(tenant, DEFAULT_RETENTION_DAYS * DAY_S)
