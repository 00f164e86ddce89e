"""What a user is to be told, from the escalation as it is at the moment of sending."""

from dataclasses import dataclass
from datetime import timedelta

from services.alerting.application.outcome import Alerting, escalation
from services.alerting.application.ports import Notice, Onward
from services.alerting.domain.escalation import Escalation
from services.alerting.domain.events import RUNNING


@dataclass(frozen=True, slots=True)
class Letter:
    """A notice and its addressee."""

    user_id: str
    notice: Notice


def write_notice(
    app: Alerting, tenant: str, escalation_id: str, step: int, time_zone: str
) -> Letter | None:
    """The letter of a step; None if it is not owed, or no longer."""
    one = escalation(app, tenant, escalation_id)
    if step not in one.todo().deliveries:
        return None
    owed = one.notifications[step]
    return Letter(
        user_id=owed.user_id,
        notice=Notice(
            message_id=owed.message_id,
            incident_id=one.incident_id,
            reference=one.reference,
            theme=one.theme,
            severity=one.severity,
            role=owed.role,
            onward=_onward(one, step),
            time_zone=time_zone,
        ),
    )


def _onward(one: Escalation, step: int) -> Onward | None:
    if one.state != RUNNING or step != one.reached or one.reached_at is None:
        return None
    at = one.reached_at + timedelta(milliseconds=one.steps[step - 1].wait_ms)
    return Onward(one.steps[step].role if step < len(one.steps) else None, at)
