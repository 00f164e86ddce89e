"""Moments are aware datetimes inside and milliseconds since the epoch on the wire."""

from datetime import datetime


def as_ms(at: datetime) -> int:
    """``at`` as milliseconds since the epoch, UTC."""
    return round(at.timestamp() * 1000)
