"""The form of a commit in the database: one document holds all events of one ``save``."""

import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from threading import Event
from typing import Any
from uuid import UUID

from eventsourcing.persistence import DataError, IntegrityError, Notification, StoredEvent, Tracking
from opentelemetry.propagate import inject

Document = dict[str, Any]
Key = tuple[UUID | str, int]
"""An event's identity: its aggregate and its version there."""

MAX_COMMIT_BYTES = 15 * 1024 * 1024
"""A document ends at 16 MiB; a larger commit is refused before it can block its neighbours."""

_BYTES_PER_EVENT = 96  # names, lengths, id and version around state and topic


def _current_trace() -> dict[str, str]:
    carrier: dict[str, str] = {}
    inject(carrier)
    return carrier


@dataclass(frozen=True)
class TracedNotification(Notification):
    """An event of the sequence, and the trace in which it was recorded (headers as they travel)."""

    trace: Mapping[str, str] = field(default_factory=dict, compare=False)


@dataclass(eq=False)
class Commit:
    """Events on their way into the sequence, and what became of them.

    ``token`` marks the attempt, so that after an unknown outcome it is recognised as one's own.
    ``trace`` is stored, so that a trace goes on with what is published from the sequence.
    """

    events: Sequence[StoredEvent]
    tracking: Tracking | None = None
    token: bytes = field(default_factory=lambda: secrets.token_bytes(12))
    trace: Mapping[str, str] = field(default_factory=_current_trace)
    first_id: int = 0
    sent: bool = False
    settled: bool = False
    error: BaseException | None = None
    wake: Event = field(default_factory=Event)

    def __post_init__(self) -> None:
        self.keys = frozenset((e.originator_id, e.originator_version) for e in self.events)
        if len(self.keys) < len(self.events):
            # The unique index does not compare elements of one document.
            raise IntegrityError("The commit holds two events of one version.")
        self.size = sum(len(e.state) + len(e.topic) + _BYTES_PER_EVENT for e in self.events)
        if self.size > MAX_COMMIT_BYTES:
            raise DataError(f"The commit has {self.size} bytes; at most {MAX_COMMIT_BYTES} fit.")

    @property
    def ids(self) -> list[int]:
        """The notification ids of the events, in order."""
        return list(range(self.first_id, self.first_id + len(self.events)))

    def document(self) -> Document:
        """The commit as stored, under the first id it now claims."""
        return {
            "_id": self.first_id,
            "k": len(self.events),
            "c": self.token,
            **({"tr": self.trace} if self.trace else {}),
            "ev": [
                {"o": e.originator_id, "v": e.originator_version, "t": e.topic, "s": e.state}
                for e in self.events
            ],
        }

    def key_filters(self) -> list[Document]:
        """Filters that together find each document holding one of the keys (and perhaps more)."""
        versions: dict[UUID | str, list[int]] = {}
        for originator, version in self.keys:
            versions.setdefault(originator, []).append(version)
        return [
            {"ev": {"$elemMatch": {"o": o, "v": {"$gte": min(vs), "$lte": max(vs)}}}}
            for o, vs in versions.items()
        ]

    def succeed(self) -> None:
        """Settle as recorded under the present ids."""
        self.settled = True

    def fail(self, error: BaseException) -> None:
        """Settle as not recorded, or unknown, with the error its caller gets."""
        self.error = error
        self.settled = True


def notifications(document: Mapping[str, Any]) -> Iterator[TracedNotification]:
    """The stored commit's events with their positions in the sequence."""
    for number, element in enumerate(document["ev"], start=document["_id"]):
        yield TracedNotification(
            originator_id=element["o"],
            originator_version=element["v"],
            topic=element["t"],
            state=bytes(element["s"]),
            id=number,
            trace=document.get("tr", {}),
        )
