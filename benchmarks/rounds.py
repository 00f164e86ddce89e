"""Alternating rounds: what is compared is measured in turn, so a busy moment hits both."""

import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from statistics import median

from figures import ratio


@dataclass(frozen=True)
class Compared:
    """The same work done two ways: microseconds each, medians over rounds, and their ratio.

    ``ratio`` is the median of the rounds' own ratios, ``safe`` / ``plain``.
    """

    what: str
    safe_us: float
    plain_us: float
    ratio: float


def compared(what: str, rounds: Mapping[str, list[float]], safe: str, plain: str) -> Compared:
    """The comparison of two of the ways measured in ``rounds``."""
    first, second = rounds[safe], rounds[plain]
    return Compared(what, median(first), median(second), ratio(first, second))


def cpu_us(work: Mapping[str, Callable[[], object]], *, times: int) -> dict[str, float]:
    """One round: microseconds of this process's CPU that a call of each work takes."""
    spent = {}
    for name, call in work.items():
        started = time.process_time()
        for _ in range(times):
            call()
        spent[name] = (time.process_time() - started) / times * 1e6
    return spent


async def wall_us(
    work: Mapping[str, Callable[[], Awaitable[object]]], *, times: int
) -> dict[str, float]:
    """One round: microseconds that a call of each work takes, one awaited after the other."""
    spent = {}
    for name, call in work.items():
        started = time.perf_counter()
        for _ in range(times):
            await call()
        spent[name] = (time.perf_counter() - started) / times * 1e6
    return spent


def add(rounds: dict[str, list[float]], one: Mapping[str, float]) -> None:
    """Add a round to those before."""
    for name, value in one.items():
        rounds.setdefault(name, []).append(value)
