"""What capture needs from outside."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from chassis.bus.bus import Stored
from contracts.capture.v1.capture_pb2 import ActivityBatch, CoverageChanged
from services.capture.domain.coverage import Seen


@dataclass(frozen=True, slots=True)
class Device:
    """An enrolled device as capture knows it."""

    device_id: str
    tenant: str
    name: str
    kind: str
    active: bool


class DeviceRegister(Protocol):
    """Capture's own copy of what directory says."""

    def of_tenant(self, tenant: str) -> Iterable[Device]:
        """A school's devices."""
        ...

    def get(self, device_id: str) -> Device | None:
        """One device."""
        ...

    def retention_s(self, tenant: str) -> float:
        """Seconds that a school keeps activity."""
        ...


class Stream(Protocol):
    """Where activity goes and is read again."""

    async def store(self, batch: ActivityBatch, tenant: str, keep_s: float) -> Stored:
        """Store a sealed batch; TransientError when it can't be acknowledged."""
        ...

    async def around(
        self, tenant: str, device_id: str, sequence: int, each_side: int, key_id: str
    ) -> Sequence[ActivityBatch]:
        """The batches of one identity on one device around a sequence, in stream order."""
        ...

    async def say_coverage(self, change: CoverageChanged, tenant: str) -> None:
        """Publish that a device fell silent or was heard again."""
        ...


class Ledger(Protocol):
    """Which device was heard when."""

    def heard(self, tenant: str, device_id: str, at_ms: int, activities: int) -> None:
        """Note a sign of life; written within a second."""
        ...

    async def all(self, tenant: str | None = None) -> Sequence[Seen]:
        """What is known, of one school or of all."""
        ...

    async def announced(self, tenant: str, device_id: str, state: str) -> None:
        """Note which state was published."""
        ...
