"""One Vigil as a technician starts it: `vigil up` in a folder, and the command line beside it."""

import ctypes
import json
import mailbox
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from email import message_from_bytes, policy
from email.message import EmailMessage
from functools import partial
from pathlib import Path
from typing import Any, cast

import httpx
from waiting import eventually

from vigil.embedded.ports import choose_port

READY_WITHIN_S = 90.0
STOP_WITHIN_S = 40.0
ROLES = ("directory", "capture", "evaluation", "incidents", "alerting", "reporting", "gateway")


class SystemUnderTest:
    """Started and stopped as often as a test likes; its folder keeps everything."""

    def __init__(self, folder: Path, *options: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.data = folder / "data"
        self.output = folder / "up.log"
        self._ready_file = folder / "ready.json"
        self._options = ("--port", str(choose_port(())), *options)
        self._runner: subprocess.Popen[bytes] | None = None
        self.found_at: dict[str, str] = {}

    def start(self) -> "SystemUnderTest":
        # A runner that was killed has left its own behind.
        self._ready_file.unlink(missing_ok=True)
        with self.output.open("ab") as output:
            self._runner = subprocess.Popen(
                [
                    *(*_VIGIL, "up", *self._where()),
                    *("--ready-file", str(self._ready_file), *self._options),
                ],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                # A suite that is killed leaves nothing running: the runner's children die with it.
                preexec_fn=_die_with_parent,  # noqa: PLW1509 - one system call
            )
        eventually("vigil up is ready", self._is_ready, within_s=READY_WITHIN_S)
        self.found_at = json.loads(self._ready_file.read_text())
        return self

    def stop(self) -> None:
        if self._runner is not None and self._runner.poll() is None:
            self._runner.terminate()
            self._runner.wait(STOP_WITHIN_S)

    def kill_runner(self) -> None:
        if self._runner is not None:
            self._runner.kill()
            self._runner.wait()

    @property
    def runner_pid(self) -> int:
        assert self._runner is not None
        return self._runner.pid

    def pids(self) -> dict[str, int]:
        return cast("dict[str, int]", json.loads((self.data / "children.json").read_text()))

    def signal(self, name: str, number: signal.Signals) -> int:
        """Send a signal to a server or role; the pid it had."""
        pid = self.pids()[name]
        os.kill(pid, number)
        return pid

    def is_ready(self, role: str) -> bool:
        port = json.loads((self.data / "ports.json").read_text())[f"{role}-health"]
        try:
            return httpx.get(f"http://127.0.0.1:{port}/readyz", timeout=2).status_code == 200
        except httpx.TransportError:
            return False

    def await_ready(self) -> None:
        for role in ROLES:
            eventually(f"{role} is ready", partial(self.is_ready, role), within_s=60)

    def vigil(self, *arguments: str, code: int = 0) -> str:
        """Run a command and expect its exit code; what it printed."""
        done = self.run(*arguments)
        said = done.stdout + done.stderr
        assert done.returncode == code, (
            f"vigil {arguments[:2]}: exit code {done.returncode}: {said}"
        )
        return done.stdout

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*_VIGIL, *arguments, *self._where()],
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    def vigil_json(self, *arguments: str) -> Any:
        return json.loads(self.vigil(*arguments, "--json"))

    def secret(self, role: str, name: str) -> str:
        return (self.data / "secrets" / role / name).read_text().strip()

    def mails(self) -> list[EmailMessage]:
        """Every mail so far, oldest first."""
        box = mailbox.Maildir(self.data / "mail", create=False)
        raw = [box.get_bytes(key) for key in sorted(box.keys())]
        return [message_from_bytes(mail, policy=policy.default) for mail in raw]

    def _where(self) -> Sequence[str]:
        return ("--data", str(self.data))

    def _is_ready(self) -> bool:
        assert self._runner is not None
        ended = self._runner.poll()
        assert ended is None, f"vigil up ended with {ended}: {self.output.read_text()[-2000:]}"
        return self._ready_file.exists()


_VIGIL = (sys.executable, "-m", "vigil")
_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None)


def _die_with_parent() -> None:
    _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
