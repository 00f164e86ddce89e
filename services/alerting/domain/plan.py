"""A school's plan: whom to tell, in which order, and how long each may stay silent."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from eventsourcing.domain import Aggregate

from chassis.errors import InvalidError
from services.alerting.domain.ids import plan_id

ROLES = ("dsl", "deputy_dsl", "head")
MAX_STEPS = 10
MIN_WAIT_MS = 1_000
MAX_WAIT_MS = 24 * 3_600_000


@dataclass(frozen=True, slots=True)
class Step:
    """A role, and how long it may stay silent, in milliseconds."""

    role: str
    wait_ms: int


@dataclass(frozen=True, slots=True)
class Terms:
    """What a plan says. Incidents below ``minimum_severity`` alert nobody."""

    steps: tuple[Step, ...]
    minimum_severity: int

    def __post_init__(self) -> None:
        if not 1 <= len(self.steps) <= MAX_STEPS:
            raise InvalidError("bad_plan", f"steps: a plan has 1 to {MAX_STEPS} steps")
        for number, step in enumerate(self.steps, start=1):
            if step.role not in ROLES:
                raise InvalidError(
                    "bad_plan", f"steps[{number}].role: must be one of {', '.join(ROLES)}"
                )
            if not MIN_WAIT_MS <= step.wait_ms <= MAX_WAIT_MS:
                raise InvalidError(
                    "bad_plan", f"steps[{number}].wait_ms: must be from 1 second to 24 hours"
                )
        if not 1 <= self.minimum_severity <= 5:  # noqa: PLR2004 - the scale's ends
            raise InvalidError("bad_plan", "minimum_severity: must be from 1 to 5")


DEFAULT = Terms(
    steps=(Step("dsl", 300_000), Step("deputy_dsl", 300_000), Step("head", 900_000)),
    minimum_severity=3,
)
"""The strictest level's clock: what needs an answer in 5 minutes sets the pace for all."""


class Plan(Aggregate):
    """One school's plan, from the day it sets one of its own."""

    TOPIC = "alerting.plan"

    class Created(Aggregate.Created):
        """The school will have a plan of its own."""

        TOPIC = "alerting.PlanOpened.v1"
        tenant: str

    class WasSet(Aggregate.Event):
        """The plan says something new. ``set_by`` is a user's id or a service's name."""

        TOPIC = "alerting.PlanSet.v1"
        steps: list[dict[str, Any]]
        minimum_severity: int
        set_by: str

        def apply(self, aggregate: "Plan") -> None:
            """Replace the terms."""
            aggregate.terms = Terms(
                tuple(Step(s["role"], s["wait_ms"]) for s in self.steps), self.minimum_severity
            )

    def __init__(self, tenant: str) -> None:
        self.tenant = tenant
        self.terms = DEFAULT

    @classmethod
    def open(cls, tenant: str, at: datetime) -> "Plan":
        """The school's plan, with the default's terms until it is set."""
        return cls._create(cls.Created, id=plan_id(tenant), timestamp=at, tenant=tenant)

    def set(self, terms: Terms, by: str, at: datetime) -> str:
        """Take ``terms`` from now on; running escalations keep what they froze. Says why not."""
        if terms == self.terms and self.version > 1:
            return "the plan says this already"
        self.trigger_event(
            self.WasSet,
            timestamp=at,
            steps=as_data(terms.steps),
            minimum_severity=terms.minimum_severity,
            set_by=by,
        )
        return "the plan is set"


def as_data(steps: Sequence[Step]) -> list[dict[str, Any]]:
    """Steps as an event holds them."""
    return [{"role": step.role, "wait_ms": step.wait_ms} for step in steps]
