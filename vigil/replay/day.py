"""A recorded day as a whole: its order, where in time it is put, and how fast it passes."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from vigil.replay.post import Post

DAY_MS = 86_400_000


def merged(*recordings: Iterable[Post]) -> list[Post]:
    """All posts by the time of sending; at the same moment, in the order they were given."""
    posts = [post for recording in recordings for post in recording]
    return sorted(posts, key=lambda post: post.send_at_ms)


def shift_ms(posts: Sequence[Post], now_ms: int) -> int:
    """Whole days to add so that the last activity lies within the 24 hours before ``now_ms``.

    Days of exactly 24 hours, so that the time of day stays; negative for a day still to come.
    """
    times = [at for post in posts for at in post.times_ms]
    last = max(times or [post.send_at_ms for post in posts], default=now_ms)
    return (now_ms - last) // DAY_MS * DAY_MS


@dataclass(frozen=True, slots=True)
class Pace:
    """Which moment of the day is reached after how many seconds. ``within_s`` 0: all at once."""

    first_ms: int
    last_ms: int
    within_s: float

    @classmethod
    def of(cls, posts: Sequence[Post], within_s: float) -> "Pace":
        """From the first post to the last."""
        times = [post.send_at_ms for post in posts] or [0]
        return cls(min(times), max(times), within_s)

    def due_s(self, at_ms: int) -> float:
        """Seconds after the start at which the moment ``at_ms`` of the day is reached."""
        length = self.last_ms - self.first_ms
        return self.within_s * (at_ms - self.first_ms) / length if length else 0.0

    def at_ms(self, elapsed_s: float) -> int:
        """The moment of the day that is reached after ``elapsed_s``; the last one afterwards."""
        share = min(1.0, max(0.0, elapsed_s / self.within_s)) if self.within_s else 1.0
        return self.first_ms + round(share * (self.last_ms - self.first_ms))
