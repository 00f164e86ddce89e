"""Builds a view from the first event, beside the live one, and puts it in its place."""

import re
import secrets
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from pymongo.database import Database
from pymongo.errors import PyMongoError

from chassis.store.application import ShardedStore
from chassis.store.documents import Document
from chassis.store.errors import HeldError, RebuildError, is_away
from chassis.store.hold import Hold, discard, shadow_name
from chassis.store.positions import PROJECTIONS, Positions, position_handles
from chassis.store.projector import Projection, Projector, Step
from chassis.store.shadow import Shadow

NEARLY = 1000
"""Events behind at which the live view is held: applied in a few hundredths of a second."""

_PASSES = 20
_AWAY_S = 30.0
_PAUSE_S = 0.2


@dataclass(frozen=True)
class Progress:
    """Events applied so far, events that the live view has applied, and the speed."""

    done: int
    total: int
    per_second: float


@dataclass(frozen=True)
class Rebuilt:
    """What was done. ``held_s`` is the longest time for which the live view stood still."""

    events: int
    rows: int
    seconds: float
    held_s: float
    compared: int | None


def rebuild(
    store: ShardedStore[Any],
    projection: Projection,
    database: Database[Document],
    collections: Sequence[str],
    *,
    compare: bool = True,
    progress: Callable[[Progress], None] = lambda _: None,
) -> Rebuilt:
    """Build ``collections`` anew from ``projection`` while commands and readers go on. Blocking.

    The new rows follow the live ones' positions and replace them when they stand at exactly the
    same ones, so whatever interrupts this leaves rows that fit the positions. With ``compare``,
    rows that differ are a RebuildError and nothing is exchanged: leave it out when the difference
    is the purpose. The newest of two rebuilds wins; the other ends with a RebuildError.
    Raises PoisonedEventError for an event that the projection can't handle, HeldError while
    another's rows are put in place.
    """
    work = _Rebuild(store, projection, database, list(collections), progress)
    try:
        work.prepare()
        work.come_near()
        compared = work.compare() if compare else None
        return work.put_in_place(compared)
    finally:
        work.clean_up()


@dataclass
class _Rebuild:
    store: ShardedStore[Any]
    projection: Projection
    database: Database[Document]
    collections: list[str]
    progress: Callable[[Progress], None]
    token: str = field(default_factory=lambda: secrets.token_hex(6))
    started: float = field(default_factory=time.monotonic)
    reached: dict[int, int] = field(default_factory=dict)
    held_s: float = 0.0

    def __post_init__(self) -> None:
        name = self.projection.name
        self.shadow = Shadow(self.database, self.collections, self.token)
        self.live = Positions(self.database, PROJECTIONS, name)
        own = Positions(self.database, PROJECTIONS, shadow_name(name, self.token))
        self.projector = Projector(self.store, self.projection, self.shadow.rows, own)
        self.hold = Hold(self.database, name)

    def prepare(self) -> None:
        """Remove what an earlier rebuild left, and make the new collections."""
        self.hold.break_stale()
        if self.hold.is_taken():
            raise HeldError
        for token, rows in _left_behind(self.database, self.projection.name, self.collections):
            discard(self.database, self.projection.name, token, rows)
        self.shadow.create()

    def come_near(self) -> None:
        """Apply what the live view has applied until next to nothing is missing."""
        for _ in range(_PASSES):
            if self.catch_up() < NEARLY:
                break

    def compare(self) -> int:
        """Compare at one moment, at which both stood at the same positions; rows compared."""
        # A snapshot remembers that moment, so that the live view needn't wait for the comparing.
        with self.database.client.start_session(snapshot=True) as session:
            with self.held():
                self.shadow.touch(session)
            rows = self.shadow.compare(session)
        self.come_near()
        return rows

    def put_in_place(self, compared: int | None) -> Rebuilt:
        """Exchange the rows."""
        rows = self.shadow.count()
        with self.held():
            if not self.hold.is_mine(self.token):
                raise RebuildError("The hold was ended by another; nothing was lost.")
            self.shadow.put_in_place()
        events = sum(self.reached.values())
        return Rebuilt(events, rows, time.monotonic() - self.started, self.held_s, compared)

    def clean_up(self) -> None:
        """Remove what is not in place."""
        self.hold.release(self.token)
        discard(self.database, self.projection.name, self.token, self.shadow.collections)

    @contextmanager
    def held(self) -> Iterator[None]:
        """Within it, live and new rows stand at the same positions and nobody writes them."""
        began = time.monotonic()
        self.hold.take(self.token, self.shadow.collections)
        try:
            self.catch_up()
            yield
        finally:
            self.hold.release(self.token)
            self.held_s = max(self.held_s, time.monotonic() - began)

    def catch_up(self) -> int:
        """Apply what the live view has applied; the number of events."""
        goals = self.live.all()
        total, before = sum(goals.values()), sum(self.reached.values())
        for shard, goal in goals.items():
            while self.reached.get(shard, 0) < goal:
                step = self._through_outages(shard, goal)
                if step.poisoned is not None:
                    raise step.poisoned
                if step.position <= self.reached.get(shard, 0):
                    raise RebuildError("A newer rebuild of this view has begun.")
                self.reached[shard] = step.position
                done = sum(self.reached.values())
                per_second = done / (time.monotonic() - self.started)
                self.progress(Progress(done, total, per_second))
        return sum(self.reached.values()) - before

    def _through_outages(self, shard: int, goal: int) -> Step:
        deadline = time.monotonic() + _AWAY_S
        while True:
            try:
                return self.projector.work(shard, self.reached.get(shard), goal)
            except PyMongoError as error:
                if not is_away(error) or time.monotonic() > deadline:
                    raise
            time.sleep(_PAUSE_S)


def _left_behind(
    database: Database[Document], name: str, collections: Sequence[str]
) -> Iterator[tuple[str, list[str]]]:
    """Tokens and collections of rebuilds that did not clean up, or are still at work."""
    form = re.compile(f"(?:{'|'.join(map(re.escape, collections))})__rebuild_([0-9a-f]{{12}})")
    begun = f"^{re.escape(shadow_name(name, ''))}"
    found: dict[str, list[str]] = {
        position["_id"][len(shadow_name(name, "")) :].partition(":")[0]: []
        for position in position_handles(database, PROJECTIONS).settled.find(
            {"_id": {"$regex": begun}}
        )
    }
    for collection in database.list_collection_names():
        if match := form.fullmatch(collection):
            found.setdefault(match[1], []).append(collection)
    yield from found.items()
