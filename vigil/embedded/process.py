"""Child processes that never outlive their runner, not even when it is killed with SIGKILL."""

import asyncio
import ctypes
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

_PR_SET_PDEATHSIG = 1
"""From linux/prctl.h: the signal a process gets when the thread that started it ends."""

# Loaded here, because between fork and exec nothing may be imported.
_LIBC = ctypes.CDLL(None, use_errno=True)

_LOOK_EVERY = 0.05
"""Seconds between two looks at whether a child has ended. Portable, unlike pidfd."""


@dataclass(frozen=True)
class Command:
    """What to start. Output goes to the end of ``log_path``; ``env`` is the whole environment.

    ``death_signal`` is what the child gets when its runner dies (Linux only): SIGTERM for servers
    that like to close their files, SIGKILL for what may die at any moment. ``inherit`` are file
    descriptors the child keeps open.
    """

    argv: Sequence[str]
    env: Mapping[str, str] = field(repr=False)
    log_path: Path
    death_signal: signal.Signals = signal.SIGKILL
    inherit: Sequence[int] = ()


class ChildProcess:
    """A running program in a session of its own, so a terminal's Ctrl-C reaches the runner alone.

    Must be made in the main thread: Linux sends the death signal when the *thread* that started
    the child ends. Raises RuntimeError elsewhere, OSError if the program can't be started.
    """

    def __init__(self, command: Command) -> None:
        if threading.current_thread() is not threading.main_thread():
            raise RuntimeError("start child processes in the main thread: they die with theirs")
        self._log_path = command.log_path
        log = os.open(command.log_path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            self._log_start = os.fstat(log).st_size
            self._popen = subprocess.Popen(  # noqa: S603 - the runner's own list of programs
                list(command.argv),
                env=dict(command.env),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                pass_fds=tuple(command.inherit),
                umask=0o077,
                preexec_fn=_die_with(os.getpid(), command.death_signal),  # noqa: PLW1509 - one system call, bound before the fork
            )
        finally:
            os.close(log)

    @property
    def pid(self) -> int:
        """The process id; also that of its session and process group."""
        return self._popen.pid

    def poll(self) -> int | None:
        """Return the exit code (negative: the signal that ended it), or None while it runs.

        Whatever the child started and left behind in its process group is killed with it.
        """
        if self._popen.returncode is not None:
            return self._popen.returncode
        if sys.platform == "linux":
            look = os.WEXITED | os.WNOHANG | os.WNOWAIT
            if os.waitid(os.P_PID, self.pid, look) is None:
                return None
            # Not yet reaped, so the number can't belong to somebody else.
            self._signal_group(signal.SIGKILL)
        return self._popen.poll()

    async def exited(self) -> int:
        """Wait for the end of the child and return its exit code."""
        while (code := self.poll()) is None:  # noqa: ASYNC110 - nobody would set an Event
            await asyncio.sleep(_LOOK_EVERY)
        return code

    async def stop(self, timeout: float = 10.0) -> int:  # noqa: ASYNC109 - what follows a timeout is SIGKILL, not an error
        """Ask the child to end (SIGTERM), kill it after ``timeout`` seconds; return its code."""
        if self.poll() is None:
            self._popen.terminate()
            with suppress(TimeoutError):
                await asyncio.wait_for(self.exited(), timeout)
            self.kill()
        return await self.exited()

    def kill(self) -> None:
        """Kill the child and its process group, now."""
        if self.poll() is None:
            self._signal_group(signal.SIGKILL)

    def log_tail(self, lines: int = 15) -> str:
        """Return the last lines that this process, not an earlier one, wrote to its log."""
        with self._log_path.open("rb") as log:
            size = log.seek(0, os.SEEK_END)
            log.seek(max(self._log_start, size - 16_384))
            text = log.read().decode(errors="replace")
        return "\n".join(text.splitlines()[-lines:])

    def _signal_group(self, number: signal.Signals) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self.pid, number)


def is_alive(pid: int) -> bool:
    """Tell whether a process runs. A zombie, ended but not yet reaped, does not."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return sys.platform != "linux"
    return state not in ("Z", "X")


def wait_until_gone(pids: Sequence[int], within: float) -> list[int]:
    """Wait up to ``within`` seconds for processes to end; return those that still run."""
    deadline = time.monotonic() + within
    while (left := [pid for pid in pids if is_alive(pid)]) and time.monotonic() < deadline:
        time.sleep(_LOOK_EVERY)
    return left


def _die_with(runner: int, number: signal.Signals) -> Callable[[], None] | None:
    if sys.platform != "linux":
        return None
    prctl = _LIBC.prctl
    value = int(number)

    def ask_the_kernel() -> None:
        prctl(_PR_SET_PDEATHSIG, value, 0, 0, 0)
        if os.getppid() != runner:  # it died before we could ask
            os._exit(1)

    return ask_the_kernel
