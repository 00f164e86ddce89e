"""One incident at one severity, and everybody who is told until somebody answers.

The plan is frozen when the escalation starts. Every transition is idempotent, and each early
return says why.
"""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from eventsourcing.domain import Aggregate

from chassis.errors import InvalidError
from services.alerting.domain import events as e
from services.alerting.domain.events import CONSIDERED, EXHAUSTED, RUNNING, Progress
from services.alerting.domain.ids import escalation_id
from services.alerting.domain.position import Position
from services.alerting.domain.staffing import MannedStep, Skipped
from services.alerting.domain.todo import Timer, Todo, Verdict

EMAIL = "email"

CLOSED = "incident_closed"
SUPERSEDED = "superseded"


class Escalation(Progress, Aggregate):
    """Running until acknowledged, ended or exhausted; declined if it need not run at all.

    A declined one is stored as well, so that the same message, coming again after the plan was
    changed, is not judged anew.
    """

    TOPIC = "alerting.escalation"

    class Created(Aggregate.Created):
        """An incident reached a severity. ``position`` is where its store said so."""

        TOPIC = "alerting.EscalationConsidered.v1"
        tenant: str
        incident_id: str
        reference: str
        theme: str
        severity: int
        position: str

    def __init__(
        self,
        tenant: str,
        incident_id: str,
        reference: str,
        theme: str,
        severity: int,
        position: str,
    ) -> None:
        self.tenant = tenant
        self.incident_id = incident_id
        self.reference = reference
        self.theme = theme
        self.severity = severity
        self.position = Position.parse(position)
        Progress.__init__(self)

    @classmethod
    def consider(
        cls,
        *,
        tenant: str,
        incident_id: str,
        reference: str,
        theme: str,
        severity: int,
        position: Position,
        at: datetime,
    ) -> "Escalation":
        """The escalation of an incident at a severity (1 to 5), not yet decided.

        Raises InvalidError for another severity.
        """
        if not 1 <= severity <= 5:  # noqa: PLR2004 - the scale's ends
            raise InvalidError("bad_severity", "severity: must be from 1 to 5")
        return cls._create(
            cls.Created,
            id=escalation_id(tenant, incident_id, severity),
            timestamp=at,
            tenant=tenant,
            incident_id=incident_id,
            reference=reference,
            theme=theme,
            severity=severity,
            position=str(position),
        )

    def decline(self, reason: str, at: datetime) -> Verdict:
        """Tell nobody."""
        if self.state != CONSIDERED:
            return Verdict(False, "this was decided before")
        self._say(e.Declined, at, reason=reason)
        return Verdict(True, f"not started: {reason}")

    def start(
        self,
        steps: Sequence[MannedStep],
        skipped: Sequence[Skipped],
        message_domain: str,
        at: datetime,
    ) -> Verdict:
        """Freeze the steps and reach the first; with no steps it is exhausted at once."""
        if self.state != CONSIDERED:
            return Verdict(False, "this was decided before")
        self._say(
            e.Started,
            at,
            reference=self.reference,
            theme=self.theme,
            severity=self.severity,
            steps=[asdict(step) for step in steps],
            skipped=[asdict(skip) for skip in skipped],
            message_domain=message_domain,
        )
        if not steps:
            return self._exhaust("nobody in the plan can be told", at)
        self._reach(1, at)
        return Verdict(True, "started: step 1 is reached")

    def reach(self, step: int, at: datetime) -> Verdict:
        """The wait before ``step`` is over. One past the last step exhausts."""
        if self.state != RUNNING:
            return Verdict(False, f"the escalation is {self.state}")
        if step <= self.reached:
            return Verdict(False, f"step {step} was reached before")
        if step != self.reached + 1:
            return Verdict(False, f"step {step} is not next after step {self.reached}")
        if step > len(self.steps):
            return self._exhaust("the last step's wait is over and nobody answered", at)
        self._reach(step, at)
        return Verdict(True, f"step {step} is reached")

    def deliver(self, step: int, at: datetime) -> Verdict:
        """The channel has the message. True even if somebody answered meanwhile."""
        owed = self.notifications.get(step)
        if owed is None:
            return Verdict(False, f"nothing was requested for step {step}")
        if owed.outcome:
            return Verdict(False, f"the notification of step {step} was {owed.outcome} before")
        self._say(
            e.NotificationDelivered,
            at,
            step=step,
            user_id=owed.user_id,
            role=owed.role,
            channel=owed.channel,
            message_id=owed.message_id,
        )
        return Verdict(True, f"the notification of step {step} is delivered")

    def fail(self, step: int, reason: str, at: datetime) -> Verdict:
        """The channel refused for good: the next step is reached at once, if it was not before."""
        owed = self.notifications.get(step)
        if owed is None:
            return Verdict(False, f"nothing was requested for step {step}")
        if owed.outcome:
            return Verdict(False, f"the notification of step {step} was {owed.outcome} before")
        self._say(
            e.NotificationFailed,
            at,
            step=step,
            user_id=owed.user_id,
            channel=owed.channel,
            reason=reason,
        )
        onward = self.reach(step + 1, at)
        return Verdict(True, f"the notification of step {step} failed; {onward.why}")

    def acknowledge(self, by: str, position: Position, at: datetime) -> Verdict:
        """Somebody answered; late is better than never, so an exhausted one can be answered."""
        refusal = self._too_late(position)
        if refusal:
            return Verdict(False, refusal)
        self._say(e.Acknowledged, at, by_user=by)
        return Verdict(True, "acknowledged")

    def close(self, position: Position, at: datetime) -> Verdict:
        """The incident was closed."""
        refusal = self._too_late(position)
        if refusal:
            return Verdict(False, refusal)
        self._say(e.Ended, at, reason=CLOSED)
        return Verdict(True, "ended: the incident was closed")

    def supersede(self, at: datetime) -> Verdict:
        """A higher severity takes over."""
        if self.state != RUNNING:
            return Verdict(False, f"the escalation is {self.state}")
        self._say(e.Ended, at, reason=SUPERSEDED)
        return Verdict(True, "ended: a higher severity took over")

    def todo(self) -> Todo:
        """What is owed now.

        An exhausted escalation still owes what was requested: its people may not know yet.
        """
        timer = None
        if self.state == RUNNING and self.reached_at is not None:
            wait = timedelta(milliseconds=self.steps[self.reached - 1].wait_ms)
            timer = Timer(self.reached + 1, self.reached_at + wait)
        owed = tuple(n.step for n in self.notifications.values() if not n.outcome)
        deliveries = owed if self.state in (RUNNING, EXHAUSTED) else ()
        return Todo(self.tenant, str(self.id), timer, deliveries)

    def _too_late(self, position: Position) -> str:
        if not position.is_after(self.position):
            # An answer to a lower severity, coming again, must not silence a higher one.
            return "it was said before this escalation began"
        if self.state not in (RUNNING, EXHAUSTED):
            return f"the escalation is {self.state}"
        return ""

    def _reach(self, step: int, at: datetime) -> None:
        who = self.steps[step - 1]
        self._say(e.StepReached, at, step=step)
        self._say(
            e.NotificationRequested,
            at,
            step=step,
            user_id=who.user_id,
            role=who.role,
            channel=EMAIL,
            message_id=f"<{self.id}.{step}.{who.user_id}@{self.message_domain}>",
        )

    def _exhaust(self, reason: str, at: datetime) -> Verdict:
        self._say(e.Exhausted, at, severity=self.severity, reason=reason)
        return Verdict(True, f"exhausted: {reason}")

    def _say(self, event: type[e.EscalationEvent], at: datetime, **values: Any) -> None:
        self.trigger_event(
            event, timestamp=at, tenant=self.tenant, incident_id=self.incident_id, **values
        )
