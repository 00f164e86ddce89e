"""Killed in the middle of a conversation, or with its timers lost: the store remembers."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from contracts.alerting.v1 import alerting_pb2 as al

ROOT = Path(__file__).parents[3]
HOUR = 3_600_000

Found = Callable[..., Awaitable[Any]]


@asynccontextmanager
async def process(environment: dict[str, str]) -> AsyncIterator[asyncio.subprocess.Process]:
    started = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "services.alerting"),
        cwd=ROOT,
        env={**environment, "PATH": os.environ["PATH"]},
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        yield started
    finally:
        if started.returncode is None:
            started.kill()
        await started.wait()


async def test_killed_while_it_was_telling_it_tells_after_the_restart_and_climbs_on(
    found: Found, environment: dict[str, str]
) -> None:
    stage = await found("dsl", "head")
    box, dsl = stage.mailbox, stage.address("dsl")
    box.holds[dsl] = asyncio.Event()
    async with process(environment) as first:
        await stage.until(lambda: _plan(stage))
        incident, _ = await stage.opened()
        await stage.until(lambda: dsl in box.asked)
        first.kill()
    box.holds.pop(dsl).set()
    async with process(environment):
        await stage.until(lambda: stage.mails("head"))
        await stage.until(lambda: _told(stage, incident, 2))
        assert len(await stage.escalations(incident)) == 1
    # A message may come twice, but it is the same message.
    assert len({mail["Message-ID"] for mail in stage.mails("dsl")}) == 1
    assert len(stage.mails("head")) == 1
    assert (await stage.alerts()).count("NotificationDelivered") == 2


@pytest.mark.usefixtures("running")
async def test_timers_that_were_lost_are_armed_again(found: Found) -> None:
    stage = await found("dsl", "head")
    await stage.plan(("dsl", 2_000), ("head", HOUR))
    incident, _ = await stage.opened()
    await stage.until(lambda: _told(stage, incident, 1))
    lost = f"timers.pending.{stage.school}.>"
    await stage.buses["provisioner"].js.purge_stream("TIMERS", subject=lost)
    await stage.until(lambda: stage.mails("head"))


async def _plan(stage: Any) -> bool:
    """Set it once alerting answers."""
    await stage.plan(("dsl", 2_500), ("head", HOUR))
    return True


async def _told(stage: Any, incident: str, people: int) -> bool:
    views: list[al.EscalationView] = await stage.escalations(incident)
    return bool(views) and sum(n.HasField("delivered_at_ms") for n in views[0].notifications) == (
        people
    )
