"""A process that follows the sequence in one of three ways and writes down what it saw."""

import asyncio
import random
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from eventsourcing.persistence import Notification
from pymongo.client_session import ClientSession
from pymongo.database import Database
from pymongo.errors import PyMongoError

from chassis.store.application import ShardedStore
from chassis.store.batches import DomainEvent
from chassis.store.commands import CommandRunner
from chassis.store.errors import is_away
from chassis.store.projections import ProjectionRunner
from tests.chaos.facts import Event, Reader
from tests.chaos.journal import Journal
from tests.chaos.marks import END, SHARD, Mark, Marks, client, store

ROWS = "chaos_rows"
_PAUSE_S = 0.02


class Seen:
    """A projection whose rows are what it saw: they and its position stand or fall together."""

    name = "seen"
    topics: Sequence[str] | None = None

    def handle(
        self,
        rows: Database[dict[str, Any]],
        events: list[tuple[int, DomainEvent]],
        session: ClientSession,
    ) -> None:
        marks = [(p, e) for p, e in events if isinstance(e, Mark)]
        seen = [[p, str(e.originator_id), e.originator_version, e.attempt] for p, e in marks]
        rows["seen"].insert_one({"at": time.time_ns(), "seen": seen}, session=session)


def projected(rows: Database[dict[str, Any]]) -> Reader:
    """What the projection saw."""
    batches = rows["seen"].find(sort=[("at", 1)])
    seen = [(p, Event((o, v), attempt)) for row in batches for p, o, v, attempt in row["seen"]]
    return Reader("projection", seen)


def _until(folder: Path) -> float:
    path = folder / "until"
    return float(path.read_text()) if path.exists() else float("inf")


def _ends(marks: Marks, found: Sequence[Notification]) -> bool:
    return bool(found) and marks.event(found[-1]).attempt == END


def _tail(marks: Marks, journal: Journal, seed: str) -> None:
    """Pages of all lengths, so that many begin inside a commit."""
    choice = random.Random(seed)  # noqa: S311 - seeded, not secret
    found: Sequence[Notification] = ()
    position = 0
    while not _ends(marks, found):
        try:
            found = marks.recorder.select_notifications(
                position, choice.randint(1, 300), inclusive_of_start=False
            )
        except PyMongoError as error:
            if not is_away(error):
                raise
            time.sleep(_PAUSE_S)
            continue
        journal.seen([(n.id, marks.event(n)) for n in found])
        position = found[-1].id if found else position
        time.sleep(0 if found else _PAUSE_S)


def _subscribe(marks: Marks, journal: Journal, _: str) -> None:
    """The library's subscription, begun again where it was whenever it breaks."""
    position = 0
    while True:
        try:
            with marks.recorder.subscribe(gt=position) as subscription:
                for notification in subscription:
                    journal.seen([(notification.id, marks.event(notification))])
                    position = notification.id
                    if _ends(marks, [notification]):
                        return
        except PyMongoError as error:
            if not is_away(error):
                raise
            time.sleep(_PAUSE_S)


async def _project(following: ShardedStore[Marks], rows: Database[Any], folder: Path) -> None:
    runner, stop = CommandRunner(2), asyncio.Event()
    projection = ProjectionRunner(following, Seen(), runner, rows)
    running = asyncio.create_task(projection.run(stop))
    while projection.position(SHARD) < _until(folder) and projection.healthy:  # noqa: ASYNC110 - a file
        await asyncio.sleep(_PAUSE_S)
    stop.set()
    await running
    runner.close()


def main(url: str, folder: Path, way: str, seed: str) -> None:
    mongo = client(url)
    following = store(mongo)
    if way == "projection":
        asyncio.run(_project(following, mongo[ROWS], folder))
        return
    journal = Journal(folder / f"reader-{way}.jsonl")
    follow = {"tail": _tail, "subscription": _subscribe}[way]
    while True:
        try:
            marks = following.shard(SHARD)
            break
        except PyMongoError:
            time.sleep(0.1)
    follow(marks, journal, seed)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), sys.argv[3], sys.argv[4])
