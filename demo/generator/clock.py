"""The times of the day. London keeps UTC in November, so local time needs no conversion."""

from datetime import UTC, datetime

DAY_START_MS = int(datetime(2026, 11, 10, tzinfo=UTC).timestamp() * 1000)
MINUTE_MS = 60_000


def at(text: str) -> int:
    """Return a time of day as ``HH:MM`` or ``HH:MM:SS`` in epoch milliseconds."""
    hours, minutes, *seconds = (int(part) for part in text.split(":"))
    return DAY_START_MS + ((hours * 60 + minutes) * 60 + sum(seconds)) * 1000
