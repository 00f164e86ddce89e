"""What happened to an escalation: private events. ``adapters/publisher.py`` says them to others."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from eventsourcing.domain import AggregateEvent
from eventsourcing.utils import register_topic

from services.alerting.domain.staffing import MannedStep
from services.alerting.domain.todo import Notification

CONSIDERED = "considered"
DECLINED = "declined"
RUNNING = "running"
ACKNOWLEDGED = "acknowledged"
EXHAUSTED = "exhausted"
ENDED = "ended"


class Progress:
    """The part of an escalation that events change."""

    def __init__(self) -> None:
        self.state = CONSIDERED
        self.steps: list[MannedStep] = []
        self.message_domain = ""
        self.reached = 0
        self.reached_at: datetime | None = None
        self.notifications: dict[int, Notification] = {}

    def settle(self, step: int, outcome: str) -> None:
        """Note a notification's outcome."""
        self.notifications[step] = replace(self.notifications[step], outcome=outcome)


class EscalationEvent(AggregateEvent):
    """What every later event says, so that each can be published by itself."""

    TOPIC = "alerting.EscalationEvent.v1"
    tenant: str
    incident_id: str

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        # The library does this by itself only for events nested in their aggregate.
        register_topic(cls.TOPIC, cls)


class Declined(EscalationEvent):
    """Nobody has to be told, and why."""

    TOPIC = "alerting.EscalationDeclined.v1"
    reason: str

    def apply(self, aggregate: Progress) -> None:
        """Nothing will run."""
        aggregate.state = DECLINED


class Started(EscalationEvent):
    """The plan is frozen, with the users who were on duty."""

    TOPIC = "alerting.EscalationStarted.v1"
    reference: str
    theme: str
    severity: int
    steps: list[dict[str, Any]]
    skipped: list[dict[str, Any]]
    message_domain: str

    def apply(self, aggregate: Progress) -> None:
        """Freeze."""
        aggregate.state = RUNNING
        aggregate.steps = [MannedStep(**step) for step in self.steps]
        aggregate.message_domain = self.message_domain


class StepReached(EscalationEvent):
    """It is this step's turn. Steps count from 1."""

    TOPIC = "alerting.StepReached.v1"
    step: int

    def apply(self, aggregate: Progress) -> None:
        """Move on; the step's wait begins."""
        aggregate.reached = self.step
        aggregate.reached_at = self.timestamp


class NotificationRequested(EscalationEvent):
    """A user is to be told."""

    TOPIC = "alerting.NotificationRequested.v1"
    step: int
    user_id: str
    role: str
    channel: str
    message_id: str

    def apply(self, aggregate: Progress) -> None:
        """Owe it."""
        aggregate.notifications[self.step] = Notification(
            self.step, self.user_id, self.role, self.channel, self.message_id
        )


class NotificationDelivered(EscalationEvent):
    """The channel took responsibility for the message."""

    TOPIC = "alerting.NotificationDelivered.v1"
    step: int
    user_id: str
    role: str
    channel: str
    message_id: str

    def apply(self, aggregate: Progress) -> None:
        """Settle it."""
        aggregate.settle(self.step, "delivered")


class NotificationFailed(EscalationEvent):
    """The channel refused for good."""

    TOPIC = "alerting.NotificationFailed.v1"
    step: int
    user_id: str
    channel: str
    reason: str

    def apply(self, aggregate: Progress) -> None:
        """Settle it."""
        aggregate.settle(self.step, "failed")


class Acknowledged(EscalationEvent):
    """Somebody answered."""

    TOPIC = "alerting.EscalationAcknowledged.v1"
    by_user: str

    def apply(self, aggregate: Progress) -> None:
        """Stop."""
        aggregate.state = ACKNOWLEDGED


class Exhausted(EscalationEvent):
    """Nobody is left to be told, and nobody answered."""

    TOPIC = "alerting.EscalationExhausted.v1"
    severity: int
    reason: str

    def apply(self, aggregate: Progress) -> None:
        """Stop climbing."""
        aggregate.state = EXHAUSTED


class Ended(EscalationEvent):
    """The incident was closed, or a higher severity took over."""

    TOPIC = "alerting.EscalationEnded.v1"
    reason: str

    def apply(self, aggregate: Progress) -> None:
        """Stop."""
        aggregate.state = ENDED
