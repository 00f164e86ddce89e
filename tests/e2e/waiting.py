"""Wait for what happens in other processes: ask again until it is so, and say what was missing."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

PAUSE_S = 0.05


def eventually(what: str, look: Callable[[], T | None], *, within_s: float = 20.0) -> T:
    """The first true answer of ``look``. Fails with ``what`` and the last answer."""
    deadline = time.monotonic() + within_s
    while True:
        answer = look()
        if answer:
            return answer
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {within_s:g} s: {what} (last: {answer!r:.500})")
        time.sleep(PAUSE_S)
