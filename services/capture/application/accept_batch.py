"""Accept one posted batch: validate, seal as it came, store, acknowledge."""

import re
from dataclasses import dataclass
from typing import Any

import msgspec
from opentelemetry import metrics

from chassis.clock import now_ms
from chassis.errors import InvalidError
from chassis.sealing import KeyRing
from chassis.telemetry import names
from contracts.activity import Batch
from contracts.capture.v1.capture_pb2 import ActivityBatch
from services.capture.application.ports import Device, DeviceRegister, Stream

AHEAD_MS = 86_400_000
"""A device's clock may be a day ahead; further is a fault that would hide activity from reports."""

WHOLE = "The batch is refused whole, so that the device's spool stays in one piece."

_decode = msgspec.json.Decoder(Batch).decode
_PLACE = re.compile(r" - at `\$(?:\.activities\[(?P<index>\d+)\])?\.?(?P<field>[^`]*)`$")
_QUOTED = re.compile(r" '.*?'(?= - at|$)", re.DOTALL)
_accepted = metrics.get_meter("vigil").create_counter(
    names.ACTIVITIES_ACCEPTED, description="Activities acknowledged"
)


class InvalidBatchError(InvalidError):
    """Names the activity and the field. ``index`` is None for the batch itself."""

    def __init__(self, message: str, field: str, index: int | None = None) -> None:
        super().__init__("invalid_batch", f"{message} {WHOLE}")
        self.field = field
        self.index = index


@dataclass(frozen=True, slots=True)
class Accepted:
    """How many activities were stored; ``duplicate`` is best effort, the guard is behind."""

    accepted: int
    duplicate: bool


class AcceptBatch:
    """The hot path: one decode, one seal, one publish."""

    def __init__(self, keys: KeyRing, stream: Stream, devices: DeviceRegister) -> None:
        self._keys = keys
        self._stream = stream
        self._devices = devices

    async def handle(self, device: Device, body: bytes) -> Accepted:
        """Store ``body`` for ``device``.

        Raises InvalidBatchError; TransientError when NATS or the keys are away.
        """
        received = now_ms()
        batch = parse(body, received)
        first = batch.activities[0]
        key = await self._keys.for_identity(device.tenant, first.login)
        times = [activity.occurred_at_ms for activity in batch.activities]
        stored = await self._stream.store(
            ActivityBatch(
                device_id=device.device_id,
                batch_id=batch.batch_id,
                key_id=key.key_id,
                person_id=key.owner_id,
                count=len(batch.activities),
                received_at_ms=received,
                first_occurred_at_ms=min(times),
                last_occurred_at_ms=max(times),
                sealed=key.seal(body, f"activity:{device.device_id}:{batch.batch_id}"),
            ),
            device.tenant,
            self._devices.retention_s(device.tenant),
        )
        _accepted.add(len(batch.activities))
        return Accepted(len(batch.activities), stored.duplicate)


def parse(body: bytes, received_ms: int) -> Batch:
    """The batch in ``body``; InvalidBatchError naming index and field."""
    try:
        batch = _decode(body)
    except msgspec.ValidationError as error:
        raise _located(str(error)) from None
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise InvalidBatchError(
            "The body is not JSON in UTF-8; a lone surrogate is not a character.", ""
        ) from None
    login = batch.activities[0].login
    seen: set[str] = set()
    for index, activity in enumerate(batch.activities):
        if activity.login != login:
            raise InvalidBatchError(
                "A batch carries one identity; send one batch a login.", "login", index
            )
        if activity.occurred_at_ms > received_ms + AHEAD_MS:
            raise InvalidBatchError(
                "The time is more than a day ahead; set the device's clock.",
                "occurred_at_ms",
                index,
            )
        if activity.id in seen:
            raise InvalidBatchError("The id stands twice in this batch.", "id", index)
        seen.add(activity.id)
    return batch


def _located(text: str) -> InvalidBatchError:
    # msgspec names what it expected and where; only of an enum it quotes the value it saw.
    text = _QUOTED.sub("", text)
    place = _PLACE.search(text)
    if place is None:
        missing = re.search(r"(?:required|unknown) field `([^`]*)`", text)
        return InvalidBatchError(f"{text}.", missing.group(1) if missing else "")
    named: dict[str, Any] = place.groupdict()
    reason = text[: place.start()]
    missing = re.search(r"(?:required|unknown) field `([^`]*)`", reason)
    field = named["field"] or (missing.group(1) if missing else "")
    index = int(named["index"]) if named["index"] is not None else None
    return InvalidBatchError(f"{reason}.", field, index)
