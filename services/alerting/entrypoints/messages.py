"""What alerting hears: incidents, and its own timers."""

import logging
from collections.abc import Callable, Mapping
from datetime import datetime

from chassis.bus.consume import Handle, Meta
from chassis.errors import NotFoundError, TransientError
from contracts.alerting.v1.alerting_pb2 import TimerFired
from contracts.incidents.v1.events_pb2 import (
    IncidentAcknowledged,
    IncidentClosed,
    IncidentOpened,
    SeverityRaised,
)
from services.alerting.application.answer_incident import (
    AcknowledgeIncident,
    CloseIncident,
    answer_incident,
)
from services.alerting.application.desk import Desk
from services.alerting.application.follow_through import FollowThrough
from services.alerting.application.outcome import Outcome
from services.alerting.application.ports import Directory
from services.alerting.application.reach_step import ReachStep, reach_step
from services.alerting.application.start_escalation import StartEscalation, start_escalation
from services.alerting.domain.moments import as_ms
from services.alerting.domain.plan import ROLES
from services.alerting.domain.position import Position

log = logging.getLogger(__name__)

UNKNOWN_AFTER_MS = 10_000
"""Directory names a school long before its first incident; the copy lags less than a second."""


class Messages:
    """Handlers. Each commits first, then carries out what is owed; coming again is harmless."""

    def __init__(
        self,
        desk: Desk,
        directory: Directory,
        follow_through: FollowThrough,
        message_domain: str,
        now: Callable[[], datetime],
    ) -> None:
        self._desk = desk
        self._directory = directory
        self._follow_through = follow_through
        self._message_domain = message_domain
        self._now = now

    def incidents(self) -> Mapping[str, Handle]:
        """What the consumer ``alerting-incidents`` handles."""
        return {
            "incidents.IncidentOpened.v1": self.reached,
            "incidents.SeverityRaised.v1": self.reached,
            "incidents.IncidentAcknowledged.v1": self.acknowledged,
            "incidents.IncidentClosed.v1": self.closed,
        }

    def timers(self) -> Mapping[str, Handle]:
        """What the consumer ``alerting-timers`` handles."""
        return {"alerting.TimerFired.v1": self.fired}

    async def reached(self, message: IncidentOpened | SeverityRaised, meta: Meta) -> None:
        """An incident is at a severity from now on."""
        self._require_known(meta)
        command = StartEscalation(
            tenant=meta.tenant,
            incident_id=message.incident_id,
            reference=message.reference,
            theme=message.theme,
            severity=message.severity,
            position=Position.parse(meta.position),
            on_duty={role: self._directory.on_duty(meta.tenant, role) for role in ROLES},
            message_domain=self._message_domain,
            at=self._now(),
        )
        outcome = await self._desk.run(meta.tenant, start_escalation, command)
        await self._finish("incident", message.incident_id, outcome)

    async def acknowledged(self, message: IncidentAcknowledged, meta: Meta) -> None:
        """Somebody answers for the incident."""
        self._require_known(meta)
        command = AcknowledgeIncident(
            tenant=meta.tenant,
            incident_id=message.incident_id,
            by=message.by_user,
            position=Position.parse(meta.position),
            at=self._now(),
        )
        outcome = await self._desk.run(meta.tenant, answer_incident, command)
        await self._finish("incident", message.incident_id, outcome)

    async def closed(self, message: IncidentClosed, meta: Meta) -> None:
        """The incident is closed."""
        self._require_known(meta)
        command = CloseIncident(
            tenant=meta.tenant,
            incident_id=message.incident_id,
            position=Position.parse(meta.position),
            at=self._now(),
        )
        outcome = await self._desk.run(meta.tenant, answer_incident, command)
        await self._finish("incident", message.incident_id, outcome)

    async def fired(self, message: TimerFired, meta: Meta) -> None:
        """A step's wait is over."""
        self._require_known(meta)
        command = ReachStep(meta.tenant, message.escalation_id, message.step, self._now())
        outcome = await self._desk.run(meta.tenant, reach_step, command)
        await self._finish("escalation", message.escalation_id, outcome)

    async def _finish(self, kind: str, name: str, outcome: Outcome) -> None:
        log.info("%s %s: %s", kind, name, outcome.verdict)
        await self._follow_through.carry_out(outcome.todos)

    def _require_known(self, meta: Meta) -> None:
        if not self._directory.loaded:
            raise TransientError("directory_loading", "the directory's copy is not complete yet")
        try:
            self._directory.shard_of(meta.tenant)
        except TransientError:
            if as_ms(self._now()) - meta.published_ms < UNKNOWN_AFTER_MS:
                raise
            # One school that does not exist must not hold up all that do.
            raise NotFoundError("unknown_school", "directory does not know the school") from None
