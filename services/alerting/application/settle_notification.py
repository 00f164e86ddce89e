"""A channel answered: the notification is delivered or has failed for good."""

from dataclasses import dataclass
from datetime import datetime

from services.alerting.application.outcome import Alerting, Outcome, escalation, save


@dataclass(frozen=True, slots=True)
class SettleNotification:
    """``failure`` says why it never will be delivered; empty when it is."""

    tenant: str
    escalation_id: str
    step: int
    failure: str
    at: datetime


def settle_notification(app: Alerting, command: SettleNotification) -> Outcome:
    """Record it. After a failure the next step is reached in the same commit."""
    one = escalation(app, command.tenant, command.escalation_id)
    verdict = (
        one.fail(command.step, command.failure, command.at)
        if command.failure
        else one.deliver(command.step, command.at)
    )
    changed, owing = ([one], []) if verdict.changed else ([], [one])
    return save(app, verdict.why, changed, owing=owing)
