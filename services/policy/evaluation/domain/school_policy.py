"""A school's policy over time: each version, who published it and why."""

from datetime import datetime
from uuid import UUID, uuid5

from eventsourcing.domain import Aggregate

from chassis.errors import InvalidError
from services.policy.evaluation.domain.policy import Policy

_NAMESPACE = UUID("5a2a1d0e-8f0b-5b8e-9a61-4e1f6f0d7c22")

DEFAULT = Policy(version=0, minimum_severity=2)
"""In force until a school publishes its own: staff are not evaluated, and what is only a trend
(severity 1: swearing, a look at help pages) opens no incident."""

MAX_REASON = 1_000


def policy_id(school: str) -> UUID:
    """The policy of ``school``."""
    return uuid5(_NAMESPACE, f"policy|{school}")


class SchoolPolicy(Aggregate):
    """Approval by a second person, drafts and roll-back are not built yet."""

    TOPIC = "evaluation.SchoolPolicy"

    class Created(Aggregate.Created):
        """The school's first own policy is being written."""

        TOPIC = "evaluation.PolicyBegun.v1"
        school_id: str

    class Published(Aggregate.Event):
        """A version is in force."""

        TOPIC = "evaluation.PolicyPublished.v1"
        school_id: str
        number: int
        staff_enabled: bool
        minimum_severity: int
        by_user: str
        reason: str

        def apply(self, aggregate: "SchoolPolicy") -> None:
            """Put the version in force."""
            aggregate.published = self

    def __init__(self, school_id: str) -> None:
        self.school_id = school_id
        self.published: SchoolPolicy.Published | None = None

    @classmethod
    def begin(cls, school: str, at: datetime) -> "SchoolPolicy":
        """A policy without a published version."""
        return cls._create(cls.Created, id=policy_id(school), timestamp=at, school_id=school)

    def publish(
        self, *, staff_enabled: bool, minimum_severity: int, by_user: str, reason: str, at: datetime
    ) -> None:
        """Put a new version in force. Raises InvalidError naming the field."""
        if not 1 <= minimum_severity <= 5:  # noqa: PLR2004 - the scale's ends
            raise InvalidError("bad_minimum_severity", "minimum_severity must be 1 to 5")
        if not 0 < len(reason.strip()) <= MAX_REASON:
            raise InvalidError("bad_reason", f"reason must have 1 to {MAX_REASON} characters")
        self.trigger_event(
            self.Published,
            timestamp=at,
            school_id=self.school_id,
            number=(self.published.number if self.published else 0) + 1,
            staff_enabled=staff_enabled,
            minimum_severity=minimum_severity,
            by_user=by_user,
            reason=reason.strip(),
        )
