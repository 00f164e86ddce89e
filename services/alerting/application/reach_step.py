"""A step's wait is over."""

from dataclasses import dataclass
from datetime import datetime

from services.alerting.application.outcome import Alerting, Outcome, escalation, save


@dataclass(frozen=True, slots=True)
class ReachStep:
    """``step`` is due; one past the last means exhausted."""

    tenant: str
    escalation_id: str
    step: int
    at: datetime


def reach_step(app: Alerting, command: ReachStep) -> Outcome:
    """Take the step if it is next. Raises NotFoundError for an escalation that never was."""
    one = escalation(app, command.tenant, command.escalation_id)
    verdict = one.reach(command.step, command.at)
    changed, owing = ([one], []) if verdict.changed else ([], [one])
    return save(app, verdict.why, changed, owing=owing)
