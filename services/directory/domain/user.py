"""Somebody who signs in to Vigil, with the role that says what they may see."""

from datetime import datetime
from typing import Self
from uuid import UUID

from eventsourcing.domain import Aggregate

from chassis.errors import InvalidError

ROLES = ("dsl", "deputy_dsl", "head", "it", "governor", "integrator")
MAX_NAME = 200
MAX_EMAIL = 254
"""RFC 5321, erratum 1690."""


class User(Aggregate):
    """One role a user. ``sealed_contact`` opens with the key of the user's identity."""

    TOPIC = "directory.User"

    class Created(Aggregate.Created):
        """The user may sign in."""

        TOPIC = "directory.UserAdded.v1"

        school_id: str
        key_id: str
        role: str
        active: bool
        sealed_contact: bytes

    class Changed(Aggregate.Event):
        """Role or contact are different from before."""

        TOPIC = "directory.UserChanged.v1"

        school_id: str
        role: str
        active: bool
        sealed_contact: bytes

        def apply(self, aggregate: "User") -> None:
            """Take over the new record."""
            aggregate.role = self.role
            aggregate.active = self.active
            aggregate.sealed_contact = self.sealed_contact

    def __init__(
        self, school_id: str, key_id: str, role: str, active: bool, sealed_contact: bytes
    ) -> None:
        self.school_id = school_id
        self.key_id = key_id
        self.role = role
        self.active = active
        self.sealed_contact = sealed_contact

    @classmethod
    def add(
        cls,
        id: UUID,  # noqa: A002 - the library's name
        *,
        school_id: str,
        key_id: str,
        role: str,
        sealed_contact: bytes,
        at: datetime,
    ) -> Self:
        """A new user, active."""
        return cls._create(
            cls.Created,
            id=id,
            timestamp=at,
            school_id=school_id,
            key_id=key_id,
            role=role,
            active=True,
            sealed_contact=sealed_contact,
        )

    def change(self, role: str, sealed_contact: bytes | None, at: datetime) -> None:
        """Give a role and contact; ``sealed_contact`` None for the contact there is."""
        if sealed_contact is None and role == self.role:
            return
        self.trigger_event(
            self.Changed,
            timestamp=at,
            school_id=self.school_id,
            role=role,
            active=self.active,
            sealed_contact=sealed_contact or self.sealed_contact,
        )


def check_role(role: str) -> None:
    """InvalidError unless users can have this role."""
    if role not in ROLES:
        raise InvalidError("bad_role", f"role must be one of {', '.join(ROLES)}")


def check_user(name: str, email: str, role: str) -> None:
    """InvalidError that names the field which can't be so."""
    check_role(role)
    if not name.strip() or len(name) > MAX_NAME or not name.isprintable():
        raise InvalidError("bad_name", f"name must have 1 to {MAX_NAME} printable characters")
    local, at, domain = email.rpartition("@")
    if not (local and at and domain) or len(email) > MAX_EMAIL or not email.isprintable():
        raise InvalidError("bad_email", "email must be an address such as name@school.example")
    if any(character.isspace() for character in email):
        raise InvalidError("bad_email", "email must not hold spaces")
