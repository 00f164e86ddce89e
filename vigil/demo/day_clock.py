"""What time it is in the day that is being replayed."""

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from chassis.clock import now_ms
from vigil.replay.day import Pace
from vigil.replay.progress import clock, date


@dataclass
class DayClock:
    """``started_ms``: when the replay began, in milliseconds since the epoch; 0 before."""

    pace: Pace
    zone: ZoneInfo
    started_ms: int = 0

    def start(self) -> None:
        """The day begins now."""
        self.started_ms = now_ms()

    def now(self) -> str:
        """The time of day, such as ``12:47``; before the start and after the end it stands."""
        return self.at(now_ms() if self.started_ms else 0)

    def at(self, wall_ms: int) -> str:
        """The time of day that was reached at a moment of our own time."""
        return clock(self.pace.at_ms((wall_ms - self.started_ms) / 1000), self.zone)

    @property
    def title(self) -> str:
        """Date and hours of the day, in words."""
        first, last = self.pace.first_ms, self.pace.last_ms
        return f"{date(first, self.zone)}, {clock(first, self.zone)} to {clock(last, self.zone)}"
