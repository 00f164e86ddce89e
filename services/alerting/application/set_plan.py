"""A school sets its plan."""

from dataclasses import dataclass
from datetime import datetime

from chassis.store.application import position_of
from services.alerting.application.get_plan import plan_of
from services.alerting.application.outcome import Alerting, Outcome
from services.alerting.domain.plan import Plan, Terms


@dataclass(frozen=True, slots=True)
class SetPlan:
    """``by`` is a user's id or a service's name."""

    tenant: str
    terms: Terms
    by: str
    at: datetime


def set_plan(app: Alerting, command: SetPlan) -> Outcome:
    """Set it for escalations that start from now on; running ones keep what they froze."""
    plan = plan_of(app, command.tenant) or Plan.open(command.tenant, command.at)
    verdict = plan.set(command.terms, command.by, command.at)
    written = position_of(app.save(plan))
    # Nothing written: whoever reads up to the end of the shard sees the plan.
    return Outcome(verdict, written or app.recorder.max_notification_id() or 0)
