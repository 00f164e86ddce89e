"""A school: one tenant."""

import re
from datetime import datetime
from typing import Self
from uuid import UUID

from eventsourcing.domain import Aggregate

from chassis.errors import InvalidError

DEFAULT_RETENTION_DAYS = 30
MAX_RETENTION_DAYS = 90
"""Activity is kept no longer than its stream keeps anything (contracts.registry)."""
DEFAULT_TIME_ZONE = "Europe/London"
MAX_NAME = 200

_SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")


class School(Aggregate):
    """Made once; ``shard`` is stored at creation and never computed again."""

    TOPIC = "directory.School"

    class Created(Aggregate.Created):
        """The school became a tenant."""

        TOPIC = "directory.SchoolCreated.v1"

        name: str
        slug: str
        shard: int
        retention_days: int
        time_zone: str

    def __init__(
        self, name: str, slug: str, shard: int, retention_days: int, time_zone: str
    ) -> None:
        self.name = name
        self.slug = slug
        self.shard = shard
        self.retention_days = retention_days
        self.time_zone = time_zone

    @classmethod
    def create(
        cls,
        id: UUID,  # noqa: A002 - the library's name
        *,
        name: str,
        slug: str,
        shard: int,
        retention_days: int,
        time_zone: str,
        at: datetime,
    ) -> Self:
        """A new school. ``time_zone`` is an IANA name that the caller has looked up."""
        return cls._create(
            cls.Created,
            id=id,
            timestamp=at,
            name=name,
            slug=slug,
            shard=shard,
            retention_days=retention_days,
            time_zone=time_zone,
        )


def check_school(name: str, slug: str, retention_days: int) -> None:
    """InvalidError that names the field which can't be so."""
    if not name.strip() or len(name) > MAX_NAME:
        raise InvalidError("bad_name", f"name must have 1 to {MAX_NAME} characters")
    if not _SLUG.fullmatch(slug):
        raise InvalidError(
            "bad_slug", "slug may hold lower-case letters, digits and hyphens, at most 63"
        )
    if not 1 <= retention_days <= MAX_RETENTION_DAYS:
        raise InvalidError(
            "bad_retention", f"retention_days must be between 1 and {MAX_RETENTION_DAYS}"
        )
