"""The one folder in which a machine keeps everything: data, ports, secrets and logs."""

import fcntl
import json
import logging
import os
import re
import stat
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from vigil.embedded.errors import DataFolderInUse, DataFolderUnusable, PortTaken
from vigil.embedded.ports import choose_port, is_free
from vigil.embedded.private_files import create_private, private_folder, write_private
from vigil.embedded.process import is_alive

Say = Callable[[str], None]
"""Tells the person at the terminal one sentence."""

LOG_TURNED_OVER_AT = 10_000_000
"""Bytes after which a log becomes ``<name>.log.1`` when its program starts again."""

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]*")


class DataFolder:
    """A folder readable by its owner alone, held by one runner at a time.

    Raises DataFolderUnusable when ``path`` is a folder that holds somebody else's files and is
    open to other users. ``say`` is told when a kept port had to change.
    """

    def __init__(self, path: Path, say: Say | None = None) -> None:
        self.path = path.absolute()
        self._say = say or logging.getLogger(__name__).warning
        self._lock: int | None = None
        self._given: dict[str, int] = {}
        private_folder(self.path)
        self._make_private()

    @property
    def lock_fd(self) -> int:
        """The open lock, for programs to inherit: the folder stays locked until they have ended.

        Raises RuntimeError before ``lock()``, so no server starts in a folder that isn't held.
        """
        if self._lock is None:
            raise RuntimeError("lock the data folder before anything starts in it")
        return self._lock

    def lock(self, patience: float = 5.0) -> None:
        """Hold the folder until this process, and the programs it started here, have ended.

        When a runner was killed, its servers may need a moment to end: they are given
        ``patience`` seconds. Raises DataFolderInUse, at once if another runner is alive.
        """
        if self._lock is not None:
            return
        handle = os.open(self.path / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        deadline = time.monotonic() + patience
        while True:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                holder = _pid_in(handle)
                alive = holder is not None and is_alive(holder)
                if alive or time.monotonic() > deadline:
                    os.close(handle)
                    raise DataFolderInUse(self.path, holder, holder_alive=alive) from None
                time.sleep(0.05)
        os.ftruncate(handle, 0)
        os.pwrite(handle, str(os.getpid()).encode(), 0)
        self._lock = handle

    def unlock(self) -> None:
        """Let the folder go. Programs that still run in it keep it locked until they end."""
        if self._lock is not None:
            # Closed, not LOCK_UN: that would take the lock from the programs too.
            os.close(self._lock)
            self._lock = None

    def port(self, name: str, preferred: int | None = None, *, wanted: int | None = None) -> int:
        """Return the loopback port kept for ``name``, choosing one the first time.

        ``preferred`` counts only for the first choice; ``wanted`` is kept instead of any other, and
        PortTaken is raised if it is not free. A kept port that another program has taken is
        replaced, and ``say`` is told. The same object always returns the same port.
        """
        _ = self.lock_fd
        if name in self._given:
            return self._given[name]
        path = self.path / "ports.json"
        ports: dict[str, int] = json.loads(path.read_bytes()) if path.exists() else {}
        if wanted is not None:
            if not is_free(wanted):
                raise PortTaken(f"Port {wanted} is taken by another program: choose another.")
            ports[name] = wanted
            write_private(path, json.dumps(ports, indent=2, sort_keys=True).encode())
        kept = ports.get(name)
        if kept is None or not is_free(kept):
            ports[name] = choose_port(ports.values(), preferred)
            write_private(path, json.dumps(ports, indent=2, sort_keys=True).encode())
            if kept is not None:
                self._say(
                    f"Port {kept}, kept for {name}, is taken by another program: "
                    f"{name} now uses port {ports[name]}."
                )
        self._given[name] = ports[name]
        return ports[name]

    def secret_path(self, role: str, name: str) -> Path:
        """Return where ``secret(role, name, …)`` keeps its bytes.

        Raises ValueError for a name that is not lower case letters, digits, dot, dash, underscore.
        """
        for part in (role, name):
            if not _NAME.fullmatch(part):
                raise ValueError(f"not a name for a secret: {part!r}")
        return self.path / "secrets" / role / name

    def secret(self, role: str, name: str, make: Callable[[], bytes]) -> bytes:
        """Return the secret kept in ``secrets/<role>/<name>`` (0400), making it the first time."""
        path = self.secret_path(role, name)
        if not path.exists():
            private_folder(private_folder(self.path / "secrets") / role)
            # Somebody else may make it in the meantime: theirs counts.
            with suppress(FileExistsError):
                create_private(path, make())
        return path.read_bytes()

    def log_path(self, name: str) -> Path:
        """Return the log file for ``name``, turning over one that has grown too long."""
        path = private_folder(self.path / "logs") / f"{name}.log"
        if path.exists() and path.stat().st_size > LOG_TURNED_OVER_AT:
            path.replace(path.with_suffix(".log.1"))
        return path

    def room(self, name: str) -> Path:
        """Return the folder (0700) in which the server ``name`` keeps its data."""
        return private_folder(self.path / name)

    def _make_private(self) -> None:
        if not stat.S_IMODE(self.path.stat().st_mode) & 0o077:
            return
        ours = (self.path / "lock").exists() or not any(self.path.iterdir())
        if not ours:
            raise DataFolderUnusable(
                f"{self.path} holds other files and is open to other users: "
                "choose an empty folder, or one that does not exist yet."
            )
        self.path.chmod(0o700)


def _pid_in(handle: int) -> int | None:
    text = os.pread(handle, 20, 0)
    return int(text) if text.isdigit() else None
