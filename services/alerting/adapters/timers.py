"""Timers as NATS scheduled messages."""

from datetime import datetime

from chassis.bus import timers
from chassis.bus.bus import Bus
from contracts.alerting.v1.alerting_pb2 import TimerFired
from services.alerting.domain.moments import as_ms


class NatsTimers:
    """The port ``Timers``; one subject a step, so arming again replaces."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus

    async def arm(self, tenant: str, escalation_id: str, step: int, at: datetime) -> None:
        """Have ``TimerFired`` come at ``at``; at once if that is past."""
        await timers.arm(
            self._bus,
            TimerFired(escalation_id=escalation_id, step=step),
            tenant=tenant,
            at_ms=as_ms(at),
            owner=escalation_id,
            escalation=escalation_id,
            step=str(step),
        )

    async def disarm(self, tenant: str, escalation_id: str) -> None:
        """Purge every pending timer of the escalation, as far as possible."""
        await timers.disarm(self._bus, tenant=tenant, owner=escalation_id)
