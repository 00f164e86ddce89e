"""One run: writers and readers at work, the nemesis at theirs, then everything read and judged."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eventsourcing.persistence import StoredEvent
from pymongo import MongoClient

from chassis.store.handles import handles
from tests.chaos.cluster import Cluster
from tests.chaos.crew import TAILS, Crew
from tests.chaos.facts import Attempt, Outcome, Stored
from tests.chaos.history import Verdict, check
from tests.chaos.journal import load_attempts, load_reader
from tests.chaos.marks import DATABASE, END, SHARD, Marks, aggregate_id, client, store
from tests.chaos.nemesis import Nemesis, schedule
from tests.chaos.reader import ROWS, projected

_WRITERS_END_S, _READERS_END_S = 60.0, 60.0
_LATE_S = 3.0
"""Longer than anything sent and given up may take to land, now that nothing is frozen."""

Say = Callable[[str], None]


@dataclass(frozen=True)
class Result:
    """What a run showed; ``problems`` are errors and processes that ended by themselves."""

    verdict: Verdict
    problems: Sequence[str]
    deeds: dict[str, int]
    longest_call_s: float
    seconds: float

    @property
    def good(self) -> bool:
        return not self.verdict.findings and not self.problems


def run(folder: Path, seed: int, seconds: float, nodes: int, writers: int, say: Say) -> Result:
    """Run once in ``folder``, which keeps the history."""
    cluster = Cluster(folder, nodes)
    crew = Crew(cluster.url, folder, seed, writers)
    try:
        say(f"starting {nodes} mongod")
        cluster.begin()
        with client(cluster.url) as mongo:
            marks = store(mongo).shard(SHARD)
        crew.complete()
        started = time.monotonic()
        deeds = _trouble(Nemesis(cluster, crew), seed, seconds, nodes, writers, say)
        took = time.monotonic() - started
        say("letting the writers end")
        cluster.await_primary()
        crew.end_writers(_WRITERS_END_S)
        time.sleep(_LATE_S)
        with client(cluster.url) as mongo:
            end = _record_end(mongo)
            say(f"letting the readers come to {end.ids[-1]}")
            crew.end_readers(end.ids[-1], _READERS_END_S)
            say("reading everything and judging")
            attempts, unexpected = load_attempts(folder)
            readers = [load_reader(folder / f"reader-{way}.jsonl") for way in TAILS]
            verdict = check(
                [*attempts, end],
                _stored(mongo, marks),
                [*readers, projected(mongo[ROWS])],
            )
        return Result(verdict, [*unexpected, *crew.problems], deeds, _longest(attempts), took)
    finally:
        crew.kill()
        cluster.stop()


def _trouble(
    nemesis: Nemesis, seed: int, seconds: float, nodes: int, writers: int, say: Say
) -> dict[str, int]:
    deeds: dict[str, int] = {}
    for step in schedule(seed, seconds, nodes, writers):
        time.sleep(step.calm_s)
        say(f"{step.deed} for {step.hold_s:.1f} s")
        nemesis.act(step)
        time.sleep(step.hold_s)
        nemesis.make_good()
        deeds[step.deed] = deeds.get(step.deed, 0) + 1
    return deeds


def _record_end(mongo: MongoClient[dict[str, Any]]) -> Attempt:
    keys = ((aggregate_id(END), 1),)
    marks = store(mongo).shard(SHARD)
    invoked = time.monotonic_ns()
    ids = marks.recorder.insert_events(marks.stored(END, keys))
    assert ids is not None
    return Attempt(END, keys, Outcome.OK, invoked, time.monotonic_ns(), tuple(ids))


def _stored(mongo: MongoClient[dict[str, Any]], marks: Marks) -> list[Stored]:
    """The whole sequence as a majority holds it, past the recorder's own reading."""
    commits = handles(mongo[DATABASE], f"commits_{SHARD:02d}").settled
    return [
        Stored(
            document["_id"],
            document["k"],
            tuple(
                marks.event(StoredEvent(e["o"], e["v"], e["t"], bytes(e["s"])))
                for e in document["ev"]
            ),
        )
        for document in commits.find(sort=[("_id", 1)])
    ]


def _longest(attempts: Sequence[Attempt]) -> float:
    return max((a.ended - a.invoked for a in attempts if a.ended is not None), default=0) / 1e9
