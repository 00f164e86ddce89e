"""Incidents that are counted together."""

from collections.abc import Sequence
from dataclasses import dataclass

Durations = Sequence[int | None]
"""Milliseconds, one an incident; None where it has not happened yet."""


@dataclass(frozen=True, slots=True)
class Group:
    """The incidents of one theme, severity, year group and ISO week."""

    theme: str
    severity: int
    year_group: int | None
    week: str
    incidents: int
    to_notified: Durations
    to_acknowledged: Durations
    to_closed: Durations
