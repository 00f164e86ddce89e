"""What the stores record and project in the benchmark: small events of one payload size."""

import os
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from eventsourcing.domain import Aggregate
from eventsourcing.persistence import StoredEvent

from chassis.store.application import ShardApplication

PAYLOAD_BYTES = 300
AT = datetime(2026, 1, 1, tzinfo=UTC)


class Case(Aggregate):
    """An aggregate that grows by notes."""

    TOPIC = "benchmark.case.v1"

    class Created(Aggregate.Created):
        """The first event."""

        TOPIC = "benchmark.case.created.v1"
        text: str

    class Noted(Aggregate.Event):
        """Any later one."""

        TOPIC = "benchmark.case.noted.v1"
        text: str

        def apply(self, aggregate: Any) -> None:
            """Count it."""
            aggregate.notes += 1

    def __init__(self, *, text: str) -> None:
        self.text = text
        self.notes = 0

    def note(self, text: str) -> None:
        """Add a note."""
        self.trigger_event(self.Noted, timestamp=AT, text=text)


class Cases(ShardApplication):
    """The commands of the benchmark."""

    def open(self, case_id: UUID, notes: int) -> None:
        """A case with notes, in one commit."""
        case = Case._create(Case.Created, id=case_id, timestamp=AT, text=text())  # noqa: SLF001 - the library's way
        for _ in range(notes):
            case.note(text())
        self.save(case)

    def note(self, case_id: UUID) -> None:
        """Load, decide, save."""
        case = self.load(Case, case_id)
        case.note(text())
        self.save(case)


def text() -> str:
    """Text that no compressor makes smaller than half."""
    return os.urandom(PAYLOAD_BYTES // 2).hex()


def stored(originator: UUID | None = None, version: int = 1) -> StoredEvent:
    """An event as a mapper would give it, without a mapper's work."""
    return StoredEvent(originator or uuid4(), version, Case.Noted.TOPIC, text().encode())
