"""Everything that listens while the day passes."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from vigil.demo.board import Board
from vigil.demo.day_clock import DayClock
from vigil.demo.devices import CoverageWatch, Silence
from vigil.demo.feed import events
from vigil.demo.record import Case, read_case
from vigil.demo.school import School
from vigil.demo.staff import SafeguardingLead
from vigil.demo.tempo import MISSED_MIN, PLAN_TAKES_S, SCHOOL_ENDS
from vigil.graphql.query import Gateway
from vigil.watch.inbox import Inbox

QUIET_S = 3.0
QUIET_WITHIN_S = 60.0
"""The day is over when nothing was heard for some seconds, or at last after these."""
CLIMB_MARGIN_S = 15.0
LOOK_S = 0.25
LOOKS_AT_CASE = 8
"""The view of an escalation may be a moment behind the event."""


@dataclass
class Stage:
    """The school's staff in front of their screens. ``gateway`` and ``it`` ask as two of them."""

    school: School
    graphql: str
    feed: str
    gateway: Gateway
    it: Gateway
    board: Board
    clock: DayClock
    lead: SafeguardingLead = field(init=False)
    coverage: CoverageWatch | None = None
    _tasks: list[asyncio.Task[Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.lead = SafeguardingLead(self.gateway)

    @asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        """Listen as long as this is entered. Raises what ended a listener."""
        inbox = Inbox(
            url=self.graphql,
            token=self.school.user_tokens["dsl"],
            told=self.board.heard,
            lost=lambda _: None,
        )
        self._tasks = [
            asyncio.create_task(inbox.watch()),
            asyncio.create_task(self._alerts()),
        ]
        try:
            await inbox.watching.wait()
            self.board.begin()
            yield
            for task in self._tasks:
                if task.done():
                    task.result()
        finally:
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    def watch_devices(self, from_ms: int) -> None:
        """Look for silent devices from now on, among those that were heard since ``from_ms``."""
        self.coverage = CoverageWatch(
            self.it,
            in_school=lambda: self.clock.now() < SCHOOL_ENDS,
            heard_from_ms=from_ms,
            missed=lambda device: self.clock.minutes_since(device) >= MISSED_MIN,
            told=self._silent,
        )
        self._tasks.append(asyncio.create_task(self.coverage.run()))

    def silences(self) -> list[str]:
        """Which devices were silent when school was over, in sentences."""
        if self.coverage is None or not self.coverage.heard:
            return ["The day passed too fast to tell which devices were silent."]
        found = [
            f"{one.name} fell silent: last heard at {self.clock.last_of(one.name)}, "
            f"noticed at {self.clock.at(one.noticed_ms)}."
            for one in self.coverage.silent.values()
        ]
        others = self.coverage.heard - len(found)
        return [
            *(found or ["No device was silent while school lasted."]),
            f"The other {others} were heard until school was over at {SCHOOL_ENDS}.",
        ]

    async def quiet(self) -> None:
        """Wait until nothing happens any more, and until the plan has climbed to its end."""
        deadline = time.monotonic() + QUIET_WITHIN_S
        while time.monotonic() < deadline:
            if time.monotonic() - self.board.changed_at > QUIET_S:
                break
            await asyncio.sleep(LOOK_S)
        deadline = time.monotonic() + PLAN_TAKES_S + CLIMB_MARGIN_S
        while self.lead.left_alone and time.monotonic() < deadline:
            if _head_was_told(await self.left_alone()):
                break
            await asyncio.sleep(1)

    async def left_alone(self) -> Case | None:
        """The incident that nobody acknowledged."""
        if not self.lead.left_alone:
            return None
        return await read_case(self.gateway, self.lead.left_alone)

    def _silent(self, silence: Silence) -> None:
        self.board.note(silence.name, f"silent since {self.clock.last_of(silence.name)}")

    async def _alerts(self) -> None:
        async with asyncio.TaskGroup() as looks:
            async for event in events(self.feed, self.school.user_tokens["integrator"]):
                if event["type"] == "alert.delivered":
                    looks.create_task(self._delivered(event["data"]["incidentId"]))

    async def _delivered(self, incident_id: str) -> None:
        for _ in range(LOOKS_AT_CASE):
            case = await read_case(self.gateway, incident_id)
            roles = self.board.delivered(case)
            if "dsl" in roles:
                self.lead.told(case)
            if roles:
                return
            await asyncio.sleep(LOOK_S)


def _head_was_told(case: Case | None) -> bool:
    return case is not None and any(
        one["role"] == "head" and one["deliveredAt"]
        for escalation in case.escalations
        for one in escalation["notifications"]
    )
