"""A process that records marks in several threads, with conflicts, until told to stop."""

import random
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from threading import Lock, Thread
from uuid import UUID

from eventsourcing.persistence import IntegrityError
from pymongo.errors import PyMongoError

from chassis.store.errors import OutcomeUnknownError, StoreAwayError, is_away
from tests.chaos.facts import Key, Outcome
from tests.chaos.journal import Journal
from tests.chaos.marks import DEADLINES_S, SHARD, Marks, aggregate_id, client, store

THREADS = 4
HOT = 24
"""Aggregates that all writers fight for."""

_FRESH_SHARE, _STALE_SHARE = 0.3, 0.08
_PAUSE_S = 0.006


class Writer:
    """The threads of one process share a recorder and what they know about versions."""

    def __init__(self, url: str, folder: Path, name: str, seed: str) -> None:
        self._folder, self._name, self._seed = folder, name, seed
        self._journal = Journal(folder / f"writer-{name}.jsonl")
        deadline_s = random.Random(f"{seed}.{name}").choice(DEADLINES_S)  # noqa: S311 - seeded, not secret
        self._store = store(client(url), deadline_s)
        self._versions: dict[str, int] = {}
        self._lock = Lock()

    def run(self) -> None:
        marks = self._open()
        threads = [Thread(target=self._work, args=(marks, n)) for n in range(THREADS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def _open(self) -> Marks:
        while True:
            try:
                return self._store.shard(SHARD)
            except PyMongoError:
                # The index can't be made during an outage.
                time.sleep(0.1)

    def _work(self, marks: Marks, thread: int) -> None:
        choice = random.Random(f"{self._seed}.{self._name}.{thread}")  # noqa: S311 - seeded, not secret
        number = 0
        while not (self._folder / "stop").exists():
            number += 1
            name = f"{self._name}.{thread}.{number}"
            self._attempt(marks, name, self._keys(choice, name))
            time.sleep(choice.uniform(0, _PAUSE_S))

    def _keys(self, choice: random.Random, name: str) -> list[Key]:
        """One to three aggregates, one to three next versions of each; some known to be taken."""
        if choice.random() < _FRESH_SHARE:
            names = [name]
        else:
            hot = choice.sample(range(HOT), choice.randint(1, 3))
            names = [f"hot {number}" for number in hot]
        keys: list[Key] = []
        for aggregate in map(aggregate_id, names):
            known = self._versions.get(aggregate, 0)
            stale = known > 0 and choice.random() < _STALE_SHARE
            first = choice.randint(1, known) if stale else known + 1
            keys += [(aggregate, first + i) for i in range(choice.randint(1, 3))]
        return keys

    def _attempt(self, marks: Marks, name: str, keys: Sequence[Key]) -> None:
        events = marks.stored(name, keys)
        self._journal.invoked(name, keys)
        try:
            ids = marks.recorder.insert_events(events)
        except IntegrityError:
            self._journal.ended(name, Outcome.REFUSED)
            self._learn(marks, keys)
        except StoreAwayError:
            self._journal.ended(name, Outcome.AWAY)
        except OutcomeUnknownError:
            self._journal.ended(name, Outcome.UNKNOWN)
        except Exception as error:  # noqa: BLE001 - any other error is a finding
            self._journal.unexpected(name, error)
        else:
            self._journal.ended(name, Outcome.OK, list(ids or ()))
            self._know(keys)

    def _learn(self, marks: Marks, keys: Sequence[Key]) -> None:
        """Read what the aggregates have by now, as a command does that is run again."""
        for aggregate in sorted({aggregate for aggregate, _ in keys}):
            known = self._versions.get(aggregate, 0)
            try:
                found = marks.recorder.select_events(UUID(aggregate), gt=known)
            except PyMongoError as error:
                if not is_away(error):
                    self._journal.unexpected(f"reading {aggregate}", error)
                return
            self._know([(aggregate, event.originator_version) for event in found])

    def _know(self, keys: Sequence[Key]) -> None:
        with self._lock:
            for aggregate, version in keys:
                self._versions[aggregate] = max(version, self._versions.get(aggregate, 0))


if __name__ == "__main__":
    Writer(sys.argv[1], Path(sys.argv[2]), sys.argv[3], sys.argv[4]).run()
