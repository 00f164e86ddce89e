import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from vigil.embedded.data_folder import DataFolder
from vigil.embedded.errors import DataFolderInUse
from vigil.embedded.process import wait_until_gone

ROOT = Path(__file__).parents[3]
RUNNER = Path(__file__).parent / "programs" / "small_runner.py"


def _start(data: Path, ready: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, str(RUNNER), str(data), str(ready)],
        env=dict(os.environ) | {"PYTHONPATH": str(ROOT)},
        stderr=subprocess.PIPE,
        text=True,
    )


def _wait_ready(runner: subprocess.Popen[str], ready: Path) -> dict[str, Any]:
    deadline = time.monotonic() + 30
    while not ready.exists():
        if runner.poll() is not None or time.monotonic() > deadline:
            runner.kill()
            pytest.fail(f"the runner is not ready: {runner.communicate()[1]}")
        time.sleep(0.05)
    content: dict[str, Any] = json.loads(ready.read_text())
    return content


def test_nothing_outlives_a_killed_runner_and_the_next_finds_all_data(tmp_path: Path) -> None:
    data, ready = tmp_path / "data", tmp_path / "ready.json"
    runner = _start(data, ready)
    try:
        assert _wait_ready(runner, ready) == {"starts": [1, 1]}
        children: dict[str, int] = json.loads((data / "children.json").read_text())
        assert sorted(children) == ["mongod", "nats", "role", "smtp"]
        with pytest.raises(DataFolderInUse, match=f"in use by process {runner.pid}"):
            DataFolder(data).lock()
    finally:
        runner.send_signal(signal.SIGKILL)
    # The next start may not wait: mongod is still closing its files.
    next_runner = _start(data, ready)
    try:
        assert wait_until_gone(list(children.values()), 4) == []
        assert runner.communicate()[1] == ""
        ready.unlink(missing_ok=True)
        assert _wait_ready(next_runner, ready) == {"starts": [2, 2]}
        children = json.loads((data / "children.json").read_text())
    finally:
        next_runner.send_signal(signal.SIGTERM)
        errors = next_runner.communicate(timeout=20)[1]
    assert errors == ""
    assert next_runner.returncode == 0
    assert wait_until_gone(list(children.values()), 0) == []
    assert not ready.exists()
    assert (data / "notes").read_text() == "role\n"
