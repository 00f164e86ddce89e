"""Reporting, run whole in this process; its neighbours are played by the tests."""

import asyncio
from collections.abc import Awaitable, Callable
from itertools import count
from typing import Any

import pytest
from google.protobuf.message import Message

from chassis.bus import headers as h
from chassis.bus.bus import Bus
from chassis.clock import now_ms
from contracts.reporting.v1.reporting_pb2 import GetSummaryRequest, GetSummaryResponse
from services.reporting.bootstrap import bootstrap
from services.reporting.settings import Settings

SHARD = 63
_numbers = count(now_ms())
"""Ever newer positions, whatever other tests have left in the streams."""


def next_number() -> int:
    return next(_numbers)


class School:
    """One school: what its services say, and what reporting answers."""

    def __init__(self, system: Any, school: str, buses: dict[str, Bus]) -> None:
        self._system = system
        self._buses = buses
        self.id = school

    async def say(
        self, message: Message, number: int | None = None, attempt: int = 0, previous: int = 0
    ) -> str:
        """Publish with a position; another ``attempt`` is what NATS takes for another message."""
        number = number or next_number()
        event = self._buses["incidents"].registry.by_message[type(message)]
        by = next(iter(event.publishers))
        tokens = {
            "incidents": lambda: {"incident": message.incident_id},
            "alerting": lambda: {"escalation": message.escalation_id},
            "directory": lambda: {"id": self.id},
        }[by]()
        await self._buses[by].publish(
            message,
            tenant=self.id,
            message_id=f"{self.id}:{event.wire}:{number}:{attempt}",
            extra={h.POSITION: f"{SHARD}:{number}", h.PREVIOUS: str(previous)},
            **tokens,
        )
        return f"{SHARD}:{number}"

    async def summary(self, role: str = "dsl", **request: Any) -> GetSummaryResponse:
        return await self._buses["gateway"].ask(
            GetSummaryRequest(**request),
            GetSummaryResponse,
            token=self._system.user_token(self.id, role),
        )

    async def eventually(
        self, judge: Callable[[GetSummaryResponse], bool], within_s: float = 6
    ) -> GetSummaryResponse:
        """The summary once ``judge`` agrees, for what no position of INCIDENTS promises."""
        async with asyncio.timeout(within_s):
            while not judge(found := await self.summary()):  # noqa: ASYNC110 - asked over the bus
                await asyncio.sleep(0.05)
        return found


@pytest.fixture
async def running(run_role: Callable[..., Awaitable[Bus]]) -> Bus:
    return await run_role("reporting", bootstrap, Settings)


@pytest.fixture
async def schools(
    running: Bus, system: Any, bus_as: Callable[[str], Awaitable[Bus]]
) -> Callable[[str], School]:
    buses = {running.role: running}
    for name in ("incidents", "alerting", "directory", "gateway"):
        buses[name] = await bus_as(name)
    return lambda school: School(system, school, buses)
