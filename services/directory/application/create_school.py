"""Create a school, or answer the one that has its slug."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import available_timezones

from chassis.errors import InvalidError, NotFoundError
from services.directory.application.directory import Stores
from services.directory.application.ports import Places, Secrets
from services.directory.domain import ids
from services.directory.domain.school import (
    DEFAULT_RETENTION_DAYS,
    DEFAULT_TIME_ZONE,
    School,
    check_school,
)


@dataclass(frozen=True)
class CreateSchool:
    """The id follows from the slug, so two creations at once meet in one place."""

    stores: Stores
    places: Places
    secrets: Secrets

    def __call__(
        self, name: str, slug: str, retention_days: int, time_zone: str, at: datetime
    ) -> tuple[School, bool]:
        """The school, and whether it was created now. InvalidError names the field."""
        retention_days = retention_days or DEFAULT_RETENTION_DAYS
        time_zone = time_zone or DEFAULT_TIME_ZONE
        check_school(name, slug, retention_days)
        if time_zone not in available_timezones():
            raise InvalidError("bad_time_zone", "time_zone must be an IANA name: Europe/London")
        id_ = ids.school_id(slug)
        shard = self.places.place(str(id_))
        # The secret first: a school that can be seen must be able to make keys.
        self.secrets.create(str(id_))
        store = self.stores.at(str(id_), shard)
        try:
            return store.the_school(), False
        except NotFoundError:
            pass
        school = School.create(
            id_,
            name=name.strip(),
            slug=slug,
            shard=shard,
            retention_days=retention_days,
            time_zone=time_zone,
            at=at,
        )
        store.save(school)
        return school, True
