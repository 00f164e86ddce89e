"""A device that may hand in activity."""

import re
from datetime import datetime
from typing import Self
from uuid import UUID

from eventsourcing.domain import Aggregate

from chassis.errors import InvalidError

MAX_NAME = 100
_KIND = re.compile(r"[a-z][a-z0-9-]{0,31}")


class Device(Aggregate):
    """Known by its name within the school; only the hash of its token is kept."""

    TOPIC = "directory.Device"

    class Created(Aggregate.Created):
        """The device got its first token."""

        TOPIC = "directory.DeviceEnrolled.v1"

        school_id: str
        name: str
        kind: str
        token_hash: str

    class Reenrolled(Aggregate.Event):
        """The device got a new token; the one before it ended."""

        TOPIC = "directory.DeviceReenrolled.v1"

        school_id: str
        name: str
        kind: str
        token_hash: str

        def apply(self, aggregate: "Device") -> None:
            """Take over the new token."""
            aggregate.kind = self.kind
            aggregate.token_hash = self.token_hash

    def __init__(self, school_id: str, name: str, kind: str, token_hash: str) -> None:
        self.school_id = school_id
        self.name = name
        self.kind = kind
        self.token_hash = token_hash

    @classmethod
    def enrol(
        cls,
        id: UUID,  # noqa: A002 - the library's name
        *,
        school_id: str,
        name: str,
        kind: str,
        token_hash: str,
        at: datetime,
    ) -> Self:
        """A new device. ``token_hash`` is SHA-256 of its token, hex."""
        return cls._create(
            cls.Created,
            id=id,
            timestamp=at,
            school_id=school_id,
            name=name,
            kind=kind,
            token_hash=token_hash,
        )

    def enrol_again(self, kind: str, token_hash: str, at: datetime) -> None:
        """Replace the token."""
        self.trigger_event(
            self.Reenrolled,
            timestamp=at,
            school_id=self.school_id,
            name=self.name,
            kind=kind,
            token_hash=token_hash,
        )


def check_device(name: str, kind: str) -> None:
    """InvalidError that names the field which can't be so."""
    if not name.strip() or len(name) > MAX_NAME or not name.isprintable():
        raise InvalidError("bad_name", f"name must have 1 to {MAX_NAME} printable characters")
    if not _KIND.fullmatch(kind):
        raise InvalidError(
            "bad_kind", "kind may hold lower-case letters, digits and hyphens, at most 32"
        )
