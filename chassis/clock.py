"""The one place that reads the clock, so that domains can be handed their time."""

import time
from datetime import UTC, datetime


def now_ms() -> int:
    """Milliseconds since the epoch, UTC."""
    return time.time_ns() // 1_000_000


def as_datetime(ms: int) -> datetime:
    """``ms`` since the epoch as an aware UTC datetime."""
    return datetime.fromtimestamp(ms / 1000, tz=UTC)


def as_iso(ms: int) -> str:
    """``ms`` since the epoch as RFC 3339 in UTC with milliseconds."""
    return as_datetime(ms).isoformat(timespec="milliseconds").replace("+00:00", "Z")
