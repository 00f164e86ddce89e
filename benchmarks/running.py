"""One Vigil under measurement: `vigil up` in a folder of its own, gone with this process."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nats
from machine import Usage, memory_mb, usage
from nats.js.client import JetStreamContext
from pymongo import MongoClient

from vigil.embedded.ports import choose_port
from vigil.embedded.process import ChildProcess, Command

READY_WITHIN_S = 120.0
IDLE_WITHIN_S = 120.0
PROVISIONER = "provisioner"

STAGES = {
    "ACTIVITY": "evaluation",
    "FINDINGS": "incidents",
    "INCIDENTS": "readers of incidents",
    "ALERTS": "readers of alerts",
}
"""Streams, and who has to read them."""


@dataclass(frozen=True)
class Running:
    """A system that is up. ``js`` is the one user's who may look into every stream."""

    data: Path
    found_at: Mapping[str, str]
    js: JetStreamContext

    def pids(self) -> dict[str, int]:
        """Roles and servers, by name."""
        found: dict[str, int] = json.loads((self.data / "children.json").read_text())
        return found

    def usage(self) -> Usage:
        """CPU of roles and servers so far."""
        return usage(self.pids())

    def memory_mb(self) -> dict[str, float]:
        """Resident memory of roles and servers."""
        return memory_mb(self.pids())

    async def lag(self) -> dict[str, int]:
        """Messages that wait for each stage, counting what is being handled."""
        waiting = {}
        for stream, stage in STAGES.items():
            consumers = await self.js.consumers_info(stream)
            waiting[stage] = sum(
                (info.num_pending or 0) + (info.num_ack_pending or 0)
                for info in consumers
                if info.config.durable_name
            )
        return waiting

    async def idle(self, within_s: float = IDLE_WITHIN_S) -> None:
        """Return when nothing waits, twice in a row: one stage feeds the next. TimeoutError."""
        async with asyncio.timeout(within_s):
            quiet = 0
            while quiet < 2:
                quiet = 0 if any((await self.lag()).values()) else quiet + 1
                await asyncio.sleep(0.1)

    def mongo(self) -> MongoClient[dict[str, Any]]:
        """A client that may read everything; the caller closes it."""
        password = (self.data / "secrets" / "mongod" / "root-password").read_text()
        return MongoClient(
            self.found_at["mongodb"],
            username="root",
            password=password,
            authSource="admin",
            tz_aware=True,
            uuidRepresentation="standard",
        )


@asynccontextmanager
async def running(folder: Path) -> AsyncIterator[Running]:
    """Start Vigil in ``folder``, which exists, and stop it afterwards.

    Raises RuntimeError with the end of its log.
    """
    data, ready = folder / "data", folder / "ready.json"
    argv = (
        *(sys.executable, "-m", "vigil", "up", "--data", str(data)),
        *("--ready-file", str(ready), "--port", str(choose_port(()))),
    )
    child = ChildProcess(
        Command(argv, dict(os.environ), folder / "up.log", death_signal=signal.SIGTERM)
    )
    try:
        await _until_ready(child, ready)
        found_at = json.loads(ready.read_text())
        client = await nats.connect(
            found_at["nats"],
            user=PROVISIONER,
            password=(data / "secrets" / PROVISIONER / "nats_password").read_text(),
            inbox_prefix=f"_INBOX.{PROVISIONER}".encode(),
        )
        try:
            yield Running(data, found_at, client.jetstream(timeout=30))
        finally:
            await client.close()
    finally:
        await child.stop(60.0)


async def _until_ready(child: ChildProcess, ready: Path) -> None:
    try:
        async with asyncio.timeout(READY_WITHIN_S):
            while not await asyncio.to_thread(ready.exists):
                if child.poll() is not None:
                    raise RuntimeError(f"vigil up ended early:\n{child.log_tail()}")
                await asyncio.sleep(0.1)
    except TimeoutError:
        raise RuntimeError(f"vigil up is not ready:\n{child.log_tail()}") from None
