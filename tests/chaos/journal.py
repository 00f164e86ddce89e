"""What each client was told, in files that outlive it: a line before and a line after each call."""

import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from threading import Lock
from typing import Any

from tests.chaos.facts import Attempt, Event, Key, Outcome, Reader


class Journal:
    """Appends a JSON array a line; a line is with the kernel before the call goes on."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("ab", buffering=0)
        self._lock = Lock()

    def invoked(self, attempt: str, keys: Sequence[Key]) -> None:
        self._write([["invoked", attempt, time.monotonic_ns(), keys]])

    def ended(self, attempt: str, outcome: Outcome, ids: Sequence[int] = ()) -> None:
        self._write([[outcome, attempt, time.monotonic_ns(), ids]])

    def unexpected(self, attempt: str, error: BaseException) -> None:
        self._write([["unexpected", attempt, time.monotonic_ns(), f"{type(error)}: {error}"]])

    def seen(self, events: Sequence[tuple[int, Event]]) -> None:
        self._write([["seen", position, e.key, e.attempt] for position, e in events])

    def _write(self, lines: Sequence[Sequence[Any]]) -> None:
        text = "".join(json.dumps(line) + "\n" for line in lines)
        with self._lock:
            self._file.write(text.encode())


def load_attempts(folder: Path) -> tuple[list[Attempt], list[str]]:
    """The attempts of all writers, and the errors that nobody should see."""
    attempts: dict[str, Attempt] = {}
    unexpected: list[str] = []
    for path in sorted(folder.glob("writer-*.jsonl")):
        for said, name, at, rest in _lines(path):
            if said == "invoked":
                keys = tuple((aggregate, version) for aggregate, version in rest)
                attempts[name] = Attempt(name, keys, Outcome.UNKNOWN, at)
            elif said == "unexpected":
                unexpected.append(f"{name}: {rest}")
            else:
                outcome = Outcome(said)
                attempts[name] = replace(attempts[name], outcome=outcome, ended=at, ids=tuple(rest))
    return list(attempts.values()), unexpected


def load_reader(path: Path) -> Reader:
    """What the reader saw that wrote ``path``."""
    return Reader(
        path.stem,
        [(p, Event((key[0], key[1]), attempt)) for _, p, key, attempt in _lines(path)],
    )


def _lines(path: Path) -> Iterator[list[Any]]:
    for line in path.read_bytes().splitlines(keepends=True):
        # Whoever was killed may have left half a line, the last.
        if line.endswith(b"\n"):
            yield json.loads(line)
