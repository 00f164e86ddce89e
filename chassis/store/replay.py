"""Replays a shard from its first event: the state of every aggregate, as one digest."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from pathlib import Path
from typing import Any

from eventsourcing.persistence import Notification

from chassis.store.application import ShardApplication
from chassis.store.backup_files import read_documents, read_manifest
from chassis.store.batches import guarded, read_after
from chassis.store.documents import notifications

_PAGE = 1000


@dataclass(frozen=True)
class Replayed:
    """Where a shard ends, how many aggregates it has, and a digest of all their states."""

    position: int
    aggregates: int
    digest: str


def replay(application: ShardApplication, events: Iterable[Notification]) -> Replayed:
    """Apply the events in memory, all aggregates at once.

    Raises PoisonedEventError for an event that can't be read or applied, by topic and position.
    """
    states: dict[Any, Any] = {}
    position = 0
    for notification in events:

        def apply(notification: Notification = notification) -> None:
            event: Any = application.mapper.to_domain_event(notification)
            before = states.get(event.originator_id)
            states[event.originator_id] = event.mutate(before)

        guarded(notification, apply)
        position = notification.id
    digest = hashlib.sha256()
    for key in sorted(states, key=str):
        digest.update(f"{key} {_plain(states[key])}\n".encode())
    return Replayed(position, len(states), digest.hexdigest())


def replay_store(application: ShardApplication, up_to: int) -> Replayed:
    """Replay a shard as the database holds it, up to a position."""
    return replay(application, _stored(application, up_to))


def replay_backup(
    folder: Path, application_classes: Mapping[str, type[ShardApplication]]
) -> Iterator[tuple[str, str, Replayed]]:
    """Replay a backup's shards: database, collection and outcome, for each application by database.

    Raises BackupError, and PoisonedEventError for an event that this release can't read.
    """
    for kept in read_manifest(folder).kept:
        if kept.head is not None and kept.database in application_classes:
            application = application_classes[kept.database]()
            events = (n for d in read_documents(folder, kept) for n in notifications(d))
            yield kept.database, kept.collection, replay(application, events)


def _stored(application: ShardApplication, up_to: int) -> Iterator[Notification]:
    position = 0
    while page := read_after(application, position, _PAGE, up_to):
        yield from page
        position = page[-1].id


def _plain(value: Any) -> str:
    """The same text for the same state, in whichever order it came about."""
    if isinstance(value, Mapping):
        return "{" + ",".join(sorted(f"{_plain(k)}:{_plain(v)}" for k, v in value.items())) + "}"
    if isinstance(value, set | frozenset):
        return "{" + ",".join(sorted(map(_plain, value))) + "}"
    if isinstance(value, list | tuple):
        return "[" + ",".join(map(_plain, value)) + "]"
    if hasattr(value, "__dict__"):
        return type(value).__name__ + _plain(vars(value))
    if is_dataclass(value):  # with slots
        return type(value).__name__ + _plain([getattr(value, f.name) for f in fields(value)])
    return repr(value)
