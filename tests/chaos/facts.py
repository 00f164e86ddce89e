"""What is known after a run: what clients asked and were told, what is stored, what was seen."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

Key = tuple[str, int]
"""An event's identity: its aggregate and its version there."""


class Outcome(StrEnum):
    """What the client of one attempt was told."""

    OK = "ok"
    REFUSED = "refused"
    """IntegrityError: somebody else holds one of the versions."""
    AWAY = "away"
    """Nothing was sent, so nothing is recorded."""
    UNKNOWN = "unknown"
    """Nobody said, or the client died first."""


@dataclass(frozen=True)
class Attempt:
    """One call of the recorder; times in nanoseconds of the clock that all processes share."""

    name: str
    keys: tuple[Key, ...]
    outcome: Outcome
    invoked: int
    ended: int | None = None
    ids: tuple[int, ...] = ()


@dataclass(frozen=True)
class Event:
    """A recorded event, and which attempt's it is."""

    key: Key
    attempt: str


@dataclass(frozen=True)
class Stored:
    """A document: ``size`` is the length that it claims."""

    first: int
    size: int
    events: tuple[Event, ...]


@dataclass(frozen=True)
class Reader:
    """What one reader saw, in its order."""

    name: str
    seen: Sequence[tuple[int, Event]]
