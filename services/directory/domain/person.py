"""A person of a school, and the identities whose keys they own."""

from dataclasses import dataclass
from datetime import datetime
from typing import Self
from uuid import UUID

from eventsourcing.domain import Aggregate

PUPIL, STAFF, UNKNOWN = "pupil", "staff", "unknown"


@dataclass(frozen=True)
class Facts:
    """What the roster says of a person, their name aside."""

    role: str
    year_group: int | None = None
    groups: tuple[str, ...] = ()
    active: bool = True


class Person(Aggregate):
    """Somebody of the roster, or the stand-in for an identity that no roster has named yet.

    ``sealed_name`` opens with the key ``key_id``: a person's own, or the identity's for a stand-in,
    whose name is the login. Each event holds the whole record, so that one suffices for a view.
    """

    TOPIC = "directory.Person"

    class Created(Aggregate.Created):
        """The person came to be known."""

        TOPIC = "directory.PersonRecorded.v1"

        school_id: str
        key_id: str
        sealed_name: bytes
        role: str
        year_group: int | None
        groups: tuple[str, ...]
        active: bool
        provisional: bool

    class Changed(Aggregate.Event):
        """The roster says something else than before."""

        TOPIC = "directory.PersonChanged.v1"

        school_id: str
        sealed_name: bytes
        role: str
        year_group: int | None
        groups: tuple[str, ...]
        active: bool

        def apply(self, aggregate: "Person") -> None:
            """Take over the new record."""
            aggregate.sealed_name = self.sealed_name
            aggregate.facts = Facts(self.role, self.year_group, tuple(self.groups), self.active)

    class IdentityLinked(Aggregate.Event):
        """The person signs in with this identity, and owns its key from now on."""

        TOPIC = "directory.IdentityLinked.v1"

        school_id: str
        key_id: str

        def apply(self, aggregate: "Person") -> None:
            """Remember the identity."""
            aggregate.identities.add(self.key_id)

    class Merged(Aggregate.Event):
        """The stand-in turned out to be somebody of the roster."""

        TOPIC = "directory.PersonMerged.v1"

        school_id: str
        into: str

        def apply(self, aggregate: "Person") -> None:
            """Point to who it is."""
            aggregate.merged_into = self.into
            aggregate.facts = Facts(UNKNOWN, active=False)

    def __init__(
        self,
        school_id: str,
        key_id: str,
        sealed_name: bytes,
        role: str,
        year_group: int | None,
        groups: tuple[str, ...],
        active: bool,
        provisional: bool,
    ) -> None:
        self.school_id = school_id
        self.key_id = key_id
        self.sealed_name = sealed_name
        self.facts = Facts(role, year_group, tuple(groups), active)
        self.provisional = provisional
        self.identities: set[str] = {key_id} if provisional else set()
        self.merged_into: str | None = None

    @classmethod
    def record(
        cls,
        id: UUID,  # noqa: A002 - the library's name
        *,
        school_id: str,
        key_id: str,
        sealed_name: bytes,
        facts: Facts,
        at: datetime,
    ) -> Self:
        """A person of the roster."""
        return cls._recorded(id, school_id, key_id, sealed_name, facts, at, provisional=False)

    @classmethod
    def stand_in(
        cls,
        id: UUID,  # noqa: A002 - the library's name
        *,
        school_id: str,
        key_id: str,
        sealed_name: bytes,
        at: datetime,
    ) -> Self:
        """The provisional person of an identity that no roster has named yet."""
        facts = Facts(UNKNOWN)
        return cls._recorded(id, school_id, key_id, sealed_name, facts, at, provisional=True)

    @classmethod
    def _recorded(
        cls,
        id: UUID,  # noqa: A002 - the library's name
        school_id: str,
        key_id: str,
        sealed_name: bytes,
        facts: Facts,
        at: datetime,
        *,
        provisional: bool,
    ) -> Self:
        return cls._create(
            cls.Created,
            id=id,
            timestamp=at,
            school_id=school_id,
            key_id=key_id,
            sealed_name=sealed_name,
            role=facts.role,
            year_group=facts.year_group,
            groups=facts.groups,
            active=facts.active,
            provisional=provisional,
        )

    def update(self, facts: Facts, sealed_name: bytes | None, at: datetime) -> None:
        """Take over what the roster says now; ``sealed_name`` None for the name there is."""
        if sealed_name is None and facts == self.facts:
            return
        self.trigger_event(
            self.Changed,
            timestamp=at,
            school_id=self.school_id,
            sealed_name=sealed_name or self.sealed_name,
            role=facts.role,
            year_group=facts.year_group,
            groups=facts.groups,
            active=facts.active,
        )

    def link(self, key_id: str, at: datetime) -> None:
        """Own the identity's key. Identities are never taken away: what they sealed stays."""
        if key_id not in self.identities:
            self.trigger_event(
                self.IdentityLinked, timestamp=at, school_id=self.school_id, key_id=key_id
            )

    def merge(self, into: UUID, at: datetime) -> None:
        """Say who this stand-in is."""
        if self.merged_into is None:
            self.trigger_event(self.Merged, timestamp=at, school_id=self.school_id, into=str(into))
