"""Loads and saves the aggregates of one school, and never another's that shares its shard."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar
from uuid import UUID

from eventsourcing.application import AggregateNotFoundError

from chassis.errors import NotFoundError
from chassis.store.application import ShardApplication, ShardedStore, position_of
from services.directory.application.ports import Places
from services.directory.domain.device import Device
from services.directory.domain.person import Person
from services.directory.domain.school import School
from services.directory.domain.user import User

Saved = Callable[[int, int], None]
"""Told shard and position of what was saved."""

A = TypeVar("A", Person, Device, User)


class Directory(ShardApplication):
    """The directory's events of one shard."""


@dataclass(frozen=True)
class SchoolStore:
    """One school's part of its shard."""

    school: str
    shard: int
    application: Directory
    saved: Saved

    def find(self, kind: type[A], id_: UUID) -> A | None:
        """The aggregate, or None if this school has none of that kind under this id."""
        try:
            found = self.application.load(kind, id_)
        except AggregateNotFoundError:
            return None
        return found if found.school_id == self.school else None

    def get(self, kind: type[A], id_: str) -> A:
        """The aggregate; NotFoundError if this school has none of that kind under this id."""
        try:
            found = self.find(kind, UUID(id_))
        except ValueError:
            found = None
        if found is None:
            name = kind.__name__.lower()
            raise NotFoundError(f"no_{name}", f"this school has no {name} with this id")
        return found

    def the_school(self) -> School:
        """The school itself; NotFoundError if its creation never came to an end."""
        try:
            return self.application.load(School, UUID(self.school))
        except AggregateNotFoundError:
            raise NotFoundError("no_school", "there is no such school") from None

    def save(self, *aggregates: School | Person | Device | User) -> None:
        """Store what the aggregates decided, in one commit. IntegrityError for a lost race."""
        recordings = self.application.save(*aggregates)
        if recordings:
            self.saved(self.shard, position_of(recordings))


@dataclass(frozen=True)
class Stores:
    """The store of every school."""

    store: ShardedStore[Directory]
    places: Places
    saved: Saved

    def of(self, school: str) -> SchoolStore:
        """The school's part; NotFoundError for an unknown school."""
        return self.at(school, self.places.shard_of(school))

    def at(self, school: str, shard: int) -> SchoolStore:
        """The school's part, in the shard that is known."""
        return SchoolStore(school, shard, self.store.shard(shard), self.saved)
