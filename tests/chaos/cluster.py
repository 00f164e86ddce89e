"""A replica set of one or three nodes that can be killed, frozen and brought back."""

import signal
import subprocess
import time
from pathlib import Path
from typing import Any

from pymongo import MongoClient
from pymongo.errors import PyMongoError

from tests.servers import die_with_parent, free_port, mongod_binary

_READY_S = 60.0
_HEARTBEAT_MS = 500
_PARAMETERS = (
    "diagnosticDataCollectionEnabled=false",
    # Whoever is killed inside a transaction holds its locks for so long; 60 by default.
    "transactionLifetimeLimitSeconds=3",
)


class Cluster:
    """Used from the main thread only: nodes die with the thread that started them."""

    def __init__(self, folder: Path, nodes: int, election_ms: int = 2000) -> None:
        self._folder = folder
        self._election_ms = election_ms
        self._ports = [free_port() for _ in range(nodes)]
        self._processes: dict[int, subprocess.Popen[bytes]] = {}
        self._frozen: set[int] = set()

    @property
    def url(self) -> str:
        hosts = ",".join(f"127.0.0.1:{port}" for port in self._ports)
        return f"mongodb://{hosts}/?replicaSet=rs0"

    def begin(self) -> None:
        for node in range(len(self._ports)):
            self.start(node)
        members = [
            {"_id": node, "host": f"127.0.0.1:{port}"} for node, port in enumerate(self._ports)
        ]
        settings = {
            "electionTimeoutMillis": self._election_ms,
            "heartbeatIntervalMillis": _HEARTBEAT_MS,
        }
        config = {"_id": "rs0", "members": members, "settings": settings}
        deadline = time.monotonic() + _READY_S
        while time.monotonic() < deadline:
            if self._ask(0, {"replSetInitiate": config}) is not None:
                break
            time.sleep(0.1)
        self.step_up(0)

    def start(self, node: int) -> None:
        """Start the node on its data; does not wait."""
        data = self._folder / f"node-{node}"
        data.mkdir(parents=True, exist_ok=True)
        arguments = [
            *(str(mongod_binary()), "--replSet", "rs0", "--bind_ip", "127.0.0.1"),
            *("--port", str(self._ports[node]), "--dbpath", str(data), "--nounixsocket"),
            *("--wiredTigerCacheSizeGB", "0.25", "--oplogSize", "512"),
            *("--logpath", str(self._folder / f"node-{node}.log"), "--logappend"),
            *(word for parameter in _PARAMETERS for word in ("--setParameter", parameter)),
        ]
        self._processes[node] = subprocess.Popen(
            arguments,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            preexec_fn=die_with_parent,  # noqa: PLW1509 - this process has no threads that hold locks
        )

    def kill(self, node: int) -> None:
        self._processes[node].kill()
        self._processes[node].wait()
        self._frozen.discard(node)

    def freeze(self, node: int) -> None:
        self._processes[node].send_signal(signal.SIGSTOP)
        self._frozen.add(node)

    def heal(self) -> None:
        """Thaw what is frozen, start what is not running."""
        for node in sorted(self._frozen):
            self._processes[node].send_signal(signal.SIGCONT)
        self._frozen.clear()
        for node, process in self._processes.items():
            if process.poll() is not None:
                self.start(node)

    def step_down(self, node: int) -> None:
        self._ask(node, {"replSetStepDown": 2, "secondaryCatchUpPeriodSecs": 1, "force": True})

    def step_up(self, node: int) -> None:
        """Make the node primary as soon as a majority runs, without waiting for an election."""
        deadline = time.monotonic() + _READY_S
        while time.monotonic() < deadline and self.primary() is None:
            self._ask(node, {"replSetStepUp": 1})
            time.sleep(0.1)

    def primary(self) -> int | None:
        """The node that calls itself primary; the one elected last where two do."""
        found = []
        for node in self._running():
            hello = self._ask(node, {"hello": 1})
            if hello is not None and hello["isWritablePrimary"]:
                found.append((str(hello["electionId"]), node))
        return max(found)[1] if found else None

    def others(self, node: int | None) -> list[int]:
        return [other for other in self._running() if other != node]

    def await_primary(self) -> None:
        deadline = time.monotonic() + _READY_S
        while time.monotonic() < deadline:
            if self.primary() is not None:
                return
            time.sleep(0.1)
        raise TimeoutError("No node became primary; see the nodes' logs.")

    def stop(self) -> None:
        for process in self._processes.values():
            process.kill()
            process.wait()

    def _running(self) -> list[int]:
        return [
            node
            for node, process in self._processes.items()
            if process.poll() is None and node not in self._frozen
        ]

    def _ask(self, node: int, command: dict[str, Any]) -> dict[str, Any] | None:
        options: dict[str, Any] = {
            "directConnection": True,
            "serverSelectionTimeoutMS": 1000,
            "socketTimeoutMS": 5000,
        }
        with MongoClient[dict[str, Any]]("127.0.0.1", self._ports[node], **options) as client:
            try:
                return client.admin.command(command)
            except PyMongoError:
                # Not listening yet, electing, or stepping down as asked.
                return None
