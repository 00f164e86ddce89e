"""What time it is in the day that is being replayed."""

from bisect import bisect_right
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from chassis.clock import now_ms
from vigil.replay.day import Pace
from vigil.replay.post import Post
from vigil.replay.progress import clock, date


@dataclass
class DayClock:
    """Goes by what was really sent: a busy machine may be behind the pace."""

    pace: Pace
    zone: ZoneInfo
    _walls: list[int] = field(default_factory=list)
    _days: list[int] = field(default_factory=list)
    _last_of: dict[str, int] = field(default_factory=dict)

    def reached(self, post: Post) -> None:
        """``post`` has just been sent."""
        self._last_of[post.device] = post.send_at_ms
        if not self._days or post.send_at_ms > self._days[-1]:
            self._walls.append(now_ms())
            self._days.append(post.send_at_ms)

    def now(self) -> str:
        """The time of day, such as ``12:47``; before the start and after the end it stands."""
        return self.at(now_ms())

    def at(self, wall_ms: int) -> str:
        """The time of day at a moment of our own time, in milliseconds since the epoch."""
        return clock(self._day_ms(wall_ms), self.zone)

    def last_of(self, device: str) -> str:
        """The time of day at which ``device`` sent last."""
        return clock(self._last_of.get(device, self.pace.first_ms), self.zone)

    def minutes_since(self, device: str) -> float:
        """Minutes of the day since ``device`` sent last."""
        last_ms = self._last_of.get(device, self.pace.first_ms)
        return (self._day_ms(now_ms()) - last_ms) / 60_000

    def _day_ms(self, wall_ms: int) -> int:
        place = bisect_right(self._walls, wall_ms)
        return self._days[place - 1] if place else self.pace.first_ms

    @property
    def title(self) -> str:
        """Date and hours of the day, in words."""
        first, last = self.pace.first_ms, self.pace.last_ms
        return f"{date(first, self.zone)}, {clock(first, self.zone)} to {clock(last, self.zone)}"
