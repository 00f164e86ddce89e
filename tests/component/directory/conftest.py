import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from chassis.bus.bus import Bus
from chassis.tenancy import PLATFORM
from contracts.directory.v1 import requests_pb2 as dr

ROOT = Path(__file__).parents[3]
READY_S = 30.0


@pytest.fixture(scope="module")
def directory(system: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The role as it runs in production, for this module's tests alone."""
    port = system.folder.port("directory-health")
    log = tmp_path_factory.mktemp("directory") / "log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "services.directory"],
            cwd=ROOT,
            env={
                **system.environment("directory"),
                "HEALTH_PORT": str(port),
                "PATH": os.environ["PATH"],
            },
            stdout=output,
            stderr=output,
        )
    try:
        deadline = time.monotonic() + READY_S
        while not _ready(port):
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.05)
        yield
        process.send_signal(signal.SIGTERM)
        assert process.wait(15) == 0, log.read_text()
        assert "Traceback" not in log.read_text(), log.read_text()
    finally:
        process.kill()
        process.wait()


def _ready(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=1) as answer:
            return bool(answer.status == 200)
    except (OSError, urllib.error.URLError):
        return False


@pytest.fixture
async def operator(directory: None, bus_as: Callable[[str], Awaitable[Bus]]) -> Bus:  # noqa: ARG001 - must be up
    return await bus_as("operator")


@pytest.fixture
def slug() -> str:
    return f"school-{uuid4().hex[:12]}"


@pytest.fixture
async def school(operator: Bus, slug: str) -> str:
    """A school that exists."""
    request = dr.CreateSchoolRequest(name="Greenfield Academy", slug=slug)
    made = await operator.ask(request, dr.CreateSchoolResponse, tenant=PLATFORM)
    assert made.created
    return made.school.school_id


@pytest.fixture
def row() -> Callable[..., dr.RosterRow]:
    """A sound row, with what the test is about put in."""

    def make(name: str = "dev.patel", **other: Any) -> dr.RosterRow:
        sound: dict[str, Any] = {
            "sourced_id": f"usr-{name}",
            "role": "pupil",
            "given_name": "Dev",
            "family_name": "Patel",
            "logins": [name],
            "year_group": 9,
            "groups": ["Form 9A"],
            "active": True,
        }
        return dr.RosterRow(**(sound | other))

    return make
