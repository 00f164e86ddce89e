"""Which devices fell silent while the school day lasted."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from chassis import clock
from vigil.graphql.errors import LostError
from vigil.graphql.query import Gateway

EVERY_S = 0.5
COVERAGE = "query Coverage { coverage { name state lastSeen } }"


@dataclass(frozen=True, slots=True)
class Silence:
    """A device, and when its silence was noticed, in milliseconds since the epoch."""

    name: str
    noticed_ms: int


@dataclass
class CoverageWatch:
    """Looks while ``in_school()``; what is silent in the end is in ``silent``.

    ``heard_from_ms``: devices that were silent before are none of this day's. ``missed`` says
    whether signs of life are missing, by the time of the day.
    """

    gateway: Gateway
    in_school: Callable[[], bool]
    heard_from_ms: int
    missed: Callable[[str], bool]
    told: Callable[[Silence], None]
    silent: dict[str, Silence] = field(default_factory=dict)
    heard: int = 0
    """Devices heard at least once, at the last look."""

    async def run(self) -> None:
        """Look again and again until school is over."""
        while self.in_school():
            try:
                rows = (await self.gateway.ask(COVERAGE))["coverage"]
            except LostError:
                rows = None
            if rows is not None and self.in_school():
                self._look(rows)
            await asyncio.sleep(EVERY_S)

    def _look(self, rows: list[dict[str, Any]]) -> None:
        now_ms = clock.now_ms()
        silent = {}
        self.heard = 0
        for row in rows:
            if row["lastSeen"] is None:
                continue
            last_ms = round(datetime.fromisoformat(row["lastSeen"]).timestamp() * 1000)
            if last_ms < self.heard_from_ms:
                continue
            self.heard += 1
            # On a busy machine the day is slower than the setting that calls a device silent.
            if row["state"] != "silent" or not self.missed(row["name"]):
                continue
            name = row["name"]
            if name in self.silent:
                silent[name] = self.silent[name]
            else:
                silent[name] = Silence(name, now_ms)
                self.told(silent[name])
        # One that was heard again meanwhile is silent no more.
        self.silent = silent
