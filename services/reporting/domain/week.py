"""The week an incident counts in."""

from datetime import tzinfo

from chassis.clock import as_datetime


def iso_week(at_ms: int, zone: tzinfo) -> str:
    """The ISO 8601 week of ``at_ms`` (since the epoch, UTC) where ``zone`` is kept: "2026-W46"."""
    year, week, _ = as_datetime(at_ms).astimezone(zone).isocalendar()
    return f"{year:04d}-W{week:02d}"
