"""What the writers record: events that say which attempt they belong to."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid5

from eventsourcing.domain import Aggregate
from eventsourcing.persistence import Notification, StoredEvent
from pymongo import MongoClient

from chassis.store.application import ShardApplication, ShardedStore
from chassis.store.client import connect
from tests.chaos.facts import Event, Key

DATABASE = "chaos"
SHARD = 0
SOCKET_TIMEOUT_S = 2.0
"""Shorter than the longest freeze, so that writes land after their client has given them up."""

DEADLINES_S = (3.0, 10.0)
"""Shorter than a long freeze, and longer than a failover takes."""

END = "the end"
"""The attempt that readers wait for."""

_AT = datetime(2026, 1, 1, tzinfo=UTC)
_NAMES = UUID(int=2026)


@dataclass(frozen=True, kw_only=True)
class Mark(Aggregate.Event):
    attempt: str


class Marks(ShardApplication):
    def stored(self, attempt: str, keys: Sequence[Key]) -> list[StoredEvent]:
        return [self.mapper.to_stored_event(_mark(attempt, key)) for key in keys]

    def event(self, stored: StoredEvent | Notification) -> Event:
        mark = self.mapper.to_domain_event(stored)
        assert isinstance(mark, Mark)
        return Event((str(mark.originator_id), mark.originator_version), mark.attempt)


def aggregate_id(name: str) -> str:
    return str(uuid5(_NAMES, name))


def client(url: str) -> MongoClient[dict[str, Any]]:
    return connect(url, socket_timeout_s=SOCKET_TIMEOUT_S, serverSelectionTimeoutMS=2000)


def store(
    mongo: MongoClient[dict[str, Any]], deadline_s: float = DEADLINES_S[1]
) -> ShardedStore[Marks]:
    return ShardedStore(mongo, DATABASE, Marks, deadline_s=deadline_s)


def _mark(attempt: str, key: Key) -> Mark:
    return Mark(
        originator_id=UUID(key[0]), originator_version=key[1], timestamp=_AT, attempt=attempt
    )
