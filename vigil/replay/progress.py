"""How far a replay is: a bar on a terminal, elsewhere a line every tenth."""

from datetime import datetime
from types import TracebackType
from typing import Self
from zoneinfo import ZoneInfo

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn

from vigil.replay.post import Post
from vigil.replay.tally import Tally

STEPS = 10


def clock(at_ms: int, zone: ZoneInfo) -> str:
    """A moment as the time of day in a school."""
    return f"{datetime.fromtimestamp(at_ms / 1000, zone):%H:%M}"


def date(at_ms: int, zone: ZoneInfo) -> str:
    """A moment as a date in words: ``Tuesday 10 November 2026``."""
    at = datetime.fromtimestamp(at_ms / 1000, zone)
    return f"{at:%A} {at.day} {at:%B %Y}"


class ReplayProgress:
    """Shows a replay of ``total`` posts. ``note`` is shown behind the counts."""

    def __init__(self, console: Console, total: int, tally: Tally, zone: ZoneInfo) -> None:
        self.note = ""
        self._console = console
        self._total = total
        self._tally = tally
        self._zone = zone
        self._settled = 0
        self._latest_ms = 0
        self._bar: Progress | None = None
        if console.is_terminal:
            self._bar = Progress(
                TextColumn("[bold]{task.fields[clock]}"),
                BarColumn(bar_width=24),
                TaskProgressColumn(),
                TextColumn("{task.fields[counts]}", markup=False),
                console=console,
                transient=True,
                refresh_per_second=5,
            )
            self._task = self._bar.add_task("", total=total, clock="--:--", counts="")

    def __enter__(self) -> Self:
        """Show the bar."""
        if self._bar is not None:
            self._bar.start()
        return self

    def __exit__(
        self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None
    ) -> None:
        """Take the bar away."""
        if self._bar is not None:
            self._bar.stop()

    def settled(self, post: Post) -> None:
        """One post more is settled."""
        self._settled += 1
        self._latest_ms = max(self._latest_ms, post.send_at_ms)
        if self._bar is not None:
            self._bar.update(
                self._task,
                completed=self._settled,
                clock=clock(self._latest_ms, self._zone),
                counts=self._counts(),
            )
            return
        before = (self._settled - 1) * STEPS // self._total
        now = self._settled * STEPS // self._total
        if now > before:
            at = clock(self._latest_ms, self._zone)
            self._console.print(
                f"{now * 100 // STEPS:3} %  {at} of the day  {self._counts()}",
                highlight=False,
                soft_wrap=True,
            )

    def _counts(self) -> str:
        tally = self._tally
        parts = [f"{tally.accepted:,} activities"]
        if tally.retries:
            parts.append(f"{tally.retries:,} sent again")
        if tally.refused:
            parts.append(f"{len(tally.refused):,} refused")
        if self.note:
            parts.append(self.note)
        return ", ".join(parts)
