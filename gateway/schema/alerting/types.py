"""Declarations over alerting's messages."""

from datetime import datetime

import strawberry

from contracts.alerting.v1 import alerting_pb2 as al
from gateway.schema.reading import shows
from gateway.schema.scalars import BigInt


@shows(al.PlanStep)
@strawberry.type(description="Whom a step notifies, and how long it waits for an answer.")
class PlanStep:
    """A step of a plan."""

    role: str = strawberry.field(description="dsl, deputy_dsl or head.")
    wait_ms: BigInt


@shows(al.Plan)
@strawberry.type(description="Who is told, in which order.")
class Plan:
    """An escalation plan."""

    steps: list[PlanStep]
    minimum_severity: int = strawberry.field(description="Incidents below it do not alert: 1 to 5.")


@shows(al.GetPlanResponse)
@strawberry.type(description="The escalation plan in force.")
class PlanInForce:
    """A plan, and whose it is."""

    plan: Plan
    is_default: bool = strawberry.field(description="True while the school has set none.")


@shows(al.NotificationView)
@strawberry.type(description="One message to one person.")
class Notification:
    """A notification and what became of it."""

    step: int
    user_id: strawberry.ID
    role: str
    channel: str
    requested_at: datetime
    delivered_at: datetime | None
    failure: str | None


@shows(al.EscalationView)
@strawberry.type(description="A plan at work for one incident.")
class Escalation:
    """An escalation."""

    escalation_id: strawberry.ID
    incident_id: strawberry.ID
    severity: int
    state: str = strawberry.field(description="running, acknowledged, exhausted or ended.")
    started_at: datetime
    notifications: list[Notification]
    ended_at: datetime | None


@strawberry.input(description="A step of a plan.")
class PlanStepInput:
    """A step as a client gives it."""

    role: str = strawberry.field(description="dsl, deputy_dsl or head.")
    wait_ms: BigInt = strawberry.field(description="How long the step may go unanswered.")


@strawberry.input(description="Who is told, in which order.")
class PlanInput:
    """A plan as a client gives it."""

    steps: list[PlanStepInput]
    minimum_severity: int = strawberry.field(description="1 to 5.")
