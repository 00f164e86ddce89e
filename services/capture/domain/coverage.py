"""When a device counts as silent."""

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """What can be said of an enrolled device."""

    NEVER_SEEN = "never_seen"
    ACTIVE = "active"
    SILENT = "silent"


@dataclass(frozen=True, slots=True)
class Seen:
    """What the ledger holds of one device. Times in milliseconds since the epoch; 0 is never."""

    device_id: str
    tenant: str
    last_seen_ms: int = 0
    last_activity_ms: int = 0
    activities: int = 0
    announced: str = State.NEVER_SEEN.value
    """The state that was last published."""


def state_of(seen: Seen, now_ms: int, silent_after_ms: int) -> State:
    """The device's state at ``now_ms``: silent after that long without batch or heartbeat."""
    if not seen.last_seen_ms:
        return State.NEVER_SEEN
    return State.SILENT if now_ms - seen.last_seen_ms > silent_after_ms else State.ACTIVE
