"""What is measured, each on a fresh store: names of figures to values."""

import asyncio
import random
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from uuid import UUID, uuid4

from store_contenders import Contender
from store_subject import stored

from chassis.store.commands import CommandRunner

EVENTS_OF_ONE = 30
_AGGREGATES = 40
_PROJECTED_COMMITS, _PROJECTED_EVENTS = 50, 10
_COMMANDS_AT_ONCE, _CASES, _CASE_NOTES = 64, 512, 14

Figures = dict[str, float]


def append(writers: int, contender: Contender, seconds: float) -> Figures:
    """Threads that record commits of one event for ``seconds``."""
    recorder = contender.application.recorder
    ends = time.perf_counter() + seconds

    def write(_: int) -> list[float]:
        took = []
        while (began := time.perf_counter()) < ends:
            recorder.insert_events([stored()])
            took.append(time.perf_counter() - began)
        return took

    began = time.perf_counter()
    with ThreadPoolExecutor(writers) as pool:
        took = [each for thread in pool.map(write, range(writers)) for each in thread]
    passed = time.perf_counter() - began
    return {
        "a second": len(took) / passed,
        **_latencies(took),
        "bytes an event": contender.stored_bytes() / len(took),
    }


def select_events(contender: Contender, seconds: float) -> Figures:
    """One thread that reads all 30 events of an aggregate, each event from its own commit."""
    recorder = contender.application.recorder
    aggregates = [uuid4() for _ in range(_AGGREGATES)]

    def fill(aggregate: UUID) -> None:
        for version in range(1, EVENTS_OF_ONE + 1):
            recorder.insert_events([stored(aggregate, version)])

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(fill, aggregates))
    choice = random.Random(1)  # noqa: S311 - the same order for all
    return _repeat(lambda: recorder.select_events(choice.choice(aggregates)), seconds)


def project(contender: Contender, seconds: float) -> Figures:
    """Follow events into a row each; ``seconds`` scales how many."""
    commits = int(_PROJECTED_COMMITS * seconds)
    for _ in range(commits):
        contender.application.open(uuid4(), _PROJECTED_EVENTS - 1)
    began = time.perf_counter()
    events = contender.project()
    return {"a second": events / (time.perf_counter() - began)}


def commands(contender: Contender, seconds: float) -> Figures:
    """64 commands at a time from one event loop: load 15 events or more, decide, save."""
    return asyncio.run(_commands(contender, seconds))


async def _commands(contender: Contender, seconds: float) -> Figures:
    application, runner = contender.application, CommandRunner()
    cases = [uuid4() for _ in range(_CASES)]
    await asyncio.gather(*(runner.run(application.open, case, _CASE_NOTES) for case in cases))
    began = time.perf_counter()
    ends = began + seconds

    async def work(mine: Sequence[UUID]) -> list[float]:
        took: list[float] = []
        while (started := time.perf_counter()) < ends:
            await runner.run(application.note, mine[len(took) % len(mine)])
            took.append(time.perf_counter() - started)
        return took

    workers = (work(cases[number::_COMMANDS_AT_ONCE]) for number in range(_COMMANDS_AT_ONCE))
    took = [each for worker in await asyncio.gather(*workers) for each in worker]
    passed = time.perf_counter() - began
    runner.close()
    return {"a second": len(took) / passed, **_latencies(took)}


def _repeat(work: Callable[[], object], seconds: float) -> Figures:
    took = []
    ends = time.perf_counter() + seconds
    while (began := time.perf_counter()) < ends:
        work()
        took.append(time.perf_counter() - began)
    return {"a second": len(took) / sum(took), **_latencies(took)}


def _latencies(took: Sequence[float]) -> Figures:
    ordered = sorted(took)
    # Nearest rank, in thousandths: always one of the values.
    shares = {"p50 ms": 500, "p99 ms": 990, "p99.9 ms": 999}
    ranks = {name: -(-share * len(ordered) // 1000) for name, share in shares.items()}
    return {name: ordered[rank - 1] * 1000 for name, rank in ranks.items()}


MEASURES: dict[str, Callable[[Contender, float], Figures]] = {
    **{
        f"append, {writers} writer{'s' if writers > 1 else ''}": partial(append, writers)
        for writers in (1, 8, 64)
    },
    "select_events of 30": select_events,
    "projection": project,
    "commands, 64 at once": commands,
}
