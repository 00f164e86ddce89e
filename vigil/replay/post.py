"""What one device sends at one moment of a recorded day."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any


class UnreadableDayError(ValueError):
    """A file that is no recorded day. ``str(error)`` names the file, the line and the reason."""

    def __init__(self, file: Path, line: int | None, reason: str) -> None:
        place = file.name if line is None else f"{file.name} line {line}"
        super().__init__(f"{place}: {reason}")


@dataclass(frozen=True, slots=True)
class Post:
    """A batch, or a sign of life when ``batch`` is None. Times in milliseconds since the epoch.

    ``file`` and ``line`` (from 1) say where it stands; a batch of a proxy's log stands at the
    line of its first activity.
    """

    send_at_ms: int
    device: str
    batch: dict[str, Any] | None
    file: str
    line: int

    @property
    def times_ms(self) -> list[int]:
        """When its activities happened, as far as they say so."""
        found = (activity.get("occurred_at_ms") for activity in self._activities())
        return [at for at in found if isinstance(at, int)]

    @property
    def activity_ids(self) -> list[str]:
        """The ids of its activities, as far as they have one."""
        found = (activity.get("id") for activity in self._activities())
        return [name for name in found if isinstance(name, str)]

    def body(self, shift_ms: int) -> dict[str, Any]:
        """The batch with its activities ``shift_ms`` later; what has no time is left as it is."""
        moved = [
            {**activity, "occurred_at_ms": activity["occurred_at_ms"] + shift_ms}
            if isinstance(activity.get("occurred_at_ms"), int)
            else activity
            for activity in self._activities()
        ]
        # A batch that capture would refuse goes as it stands: the refusal is capture's to word.
        return {**(self.batch or {}), "activities": moved} if moved else dict(self.batch or {})

    def _activities(self) -> list[dict[str, Any]]:
        held = (self.batch or {}).get("activities")
        if not isinstance(held, list) or not all(isinstance(one, dict) for one in held):
            return []
        return held
