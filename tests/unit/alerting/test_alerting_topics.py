"""Stored events are found by topic for ever: a name that changes needs an upcast, not a rename."""

from eventsourcing.utils import resolve_topic

from services.alerting.domain import events
from services.alerting.domain.escalation import Escalation
from services.alerting.domain.plan import Plan

TOPICS = {
    "alerting.escalation": Escalation,
    "alerting.plan": Plan,
    "alerting.PlanOpened.v1": Plan.Created,
    "alerting.PlanSet.v1": Plan.WasSet,
    "alerting.EscalationConsidered.v1": Escalation.Created,
    "alerting.EscalationDeclined.v1": events.Declined,
    "alerting.EscalationStarted.v1": events.Started,
    "alerting.StepReached.v1": events.StepReached,
    "alerting.NotificationRequested.v1": events.NotificationRequested,
    "alerting.NotificationDelivered.v1": events.NotificationDelivered,
    "alerting.NotificationFailed.v1": events.NotificationFailed,
    "alerting.EscalationAcknowledged.v1": events.Acknowledged,
    "alerting.EscalationExhausted.v1": events.Exhausted,
    "alerting.EscalationEnded.v1": events.Ended,
}


def test_every_topic_still_resolves() -> None:
    assert {topic: resolve_topic(topic) for topic in TOPICS} == TOPICS
