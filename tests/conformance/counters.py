"""A small aggregate and application for the tests of followers: ids and times are passed in."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from eventsourcing.domain import Aggregate

from chassis.store.application import ShardApplication, position_of

AT = datetime(2026, 1, 1, tzinfo=UTC)


class Counter(Aggregate):
    TOPIC = "test.counter.v1"

    class Created(Aggregate.Created):
        TOPIC = "test.counter.created.v1"
        seal: bytes

    class Raised(Aggregate.Event):
        TOPIC = "test.counter.raised.v1"
        by: int

        def apply(self, aggregate: Any) -> None:
            aggregate.value += self.by

    def __init__(self, *, seal: bytes) -> None:
        self.seal = seal
        self.value = 0

    @classmethod
    def open(cls, counter_id: UUID, seal: bytes = b"\x00\xff") -> "Counter":
        return cls._create(cls.Created, id=counter_id, timestamp=AT, seal=seal)

    def raise_by(self, by: int) -> None:
        self.trigger_event(self.Raised, timestamp=AT, by=by)


class Counters(ShardApplication):
    def open(self, counter_id: UUID, raises: int = 0) -> int:
        counter = Counter.open(counter_id)
        for _ in range(raises):
            counter.raise_by(1)
        return position_of(self.save(counter))

    def raise_by(self, counter_id: UUID, by: int) -> int:
        counter = self.load(Counter, counter_id)
        counter.raise_by(by)
        return position_of(self.save(counter))
