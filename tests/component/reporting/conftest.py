"""Reporting, run whole in this process; its neighbours are played by the tests."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from itertools import count
from typing import Any

import pytest
from google.protobuf.message import Message

from chassis.bus import headers as h
from chassis.bus.answer import answer
from chassis.bus.bus import Bus
from chassis.bus.consume import consume
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
async def running(
    system: Any,
    bus_as: Callable[[str], Awaitable[Bus]],
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncIterator[Bus]:
    for name, value in system.environment("reporting").items():
        monkeypatch.setenv(name, value)
    # A consumer stops when its fetch ends.
    monkeypatch.setattr("chassis.bus.consume.FETCH_S", 0.3)
    bus = await bus_as("reporting")
    parts = await bootstrap(Settings.load(), bus)
    stop = asyncio.Event()
    await answer(bus, parts.answers)
    async with asyncio.TaskGroup() as tasks:
        for durable, handlers in parts.consumers:
            tasks.create_task(consume(bus, durable, handlers, stop))
        for _, task in parts.tasks:
            tasks.create_task(task(stop))
        async with asyncio.timeout(5):
            while not all(ready() for ready in parts.ready.values()):  # noqa: ASYNC110 - as a probe
                await asyncio.sleep(0.02)
        yield bus
        stop.set()
    for close in parts.closing:
        await close()


@pytest.fixture
async def schools(
    running: Bus, system: Any, bus_as: Callable[[str], Awaitable[Bus]]
) -> Callable[[str], School]:
    buses = {running.role: running}
    for name in ("incidents", "alerting", "directory", "gateway"):
        buses[name] = await bus_as(name)
    return lambda school: School(system, school, buses)
