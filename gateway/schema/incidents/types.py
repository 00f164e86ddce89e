"""Declarations over incidents' messages that name nobody and quote nothing."""

import enum
from datetime import datetime
from typing import cast

import strawberry

from contracts.alerting.v1 import alerting_pb2 as al
from contracts.incidents.v1 import views_pb2 as iv
from gateway.schema.alerting.types import Escalation
from gateway.schema.context import Info
from gateway.schema.evaluation.types import Step
from gateway.schema.fields import answered
from gateway.schema.reading import shows


@strawberry.enum(description="How far an incident has come.")
class IncidentState(enum.Enum):
    """Values as they travel."""

    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    CLOSED = "closed"


@shows(iv.IncidentView)
@strawberry.type(description="One row of the inbox.")
class Incident:
    """An incident without names and words."""

    incident_id: strawberry.ID
    reference: str
    person_id: strawberry.ID
    family: str
    theme: str = strawberry.field(description="The theme of the most severe finding.")
    themes: list[str]
    severity: int = strawberry.field(description="1 (trend only) to 5 (imminent risk).")
    state: IncidentState
    year_group: int | None
    finding_count: int
    opened_at: datetime
    last_finding_at: datetime | None
    acknowledged_at: datetime | None
    acknowledged_by: strawberry.ID | None
    closed_at: datetime | None
    closed_by: strawberry.ID | None
    outcome: str | None

    @answered("The same as incidentId, for clients that cache by id.")
    def id(self) -> strawberry.ID:
        """``self`` is the contract message."""
        return self.incident_id


@shows(iv.TimelineEntry)
@strawberry.type(description="Something that happened to the incident.")
class TimelineEntry:
    """An entry of the timeline."""

    kind: str = strawberry.field(
        description="opened, finding_joined, severity_raised, acknowledged, noted, revealed "
        "or closed."
    )
    at: datetime
    by_user: strawberry.ID | None
    severity: int | None
    finding_id: strawberry.ID | None
    detail: str | None = strawberry.field(description="A reveal's purpose or a closure's outcome.")


@shows(iv.Why)
@strawberry.type(description="The explanation without a word of what was written.")
class Why:
    """Why a finding was made."""

    summary: str
    base_severity: int
    steps: list[Step]
    normalising: list[str]
    available: bool = strawberry.field(
        description="False once the person is erased: only theme, severity and rule remain."
    )


@shows(iv.FindingView)
@strawberry.type(description="One activity that breached the policy.")
class Finding:
    """A finding without its words."""

    finding_id: strawberry.ID
    theme: str
    severity: int
    confidence: float
    rule_id: strawberry.ID
    evaluation_hash: str
    device_id: strawberry.ID
    activity_id: strawberry.ID = strawberry.field(description="The device's own id of it.")
    activity_kind: str
    occurred_at: datetime
    received_at: datetime
    offline: bool
    four_c: str
    intent: str
    why: Why | None
    context_count: int = strawberry.field(description="Activities stored around this one.")


@shows(iv.CaseView)
@strawberry.type(description="Everything about one incident that may be seen without a reveal.")
class Case:
    """An incident with its timeline, findings and escalations."""

    incident: Incident
    timeline: list[TimelineEntry]
    findings: list[Finding]

    @answered("Who was told about it, when, and who answered.")
    async def escalations(self, info: Info) -> list[Escalation] | None:
        """Ask alerting; null with an error beside it when alerting is away."""
        request = al.ListEscalationsRequest(incident_id=self.incident.incident_id)
        reply = await info.context.ask(request, al.ListEscalationsResponse)
        return cast("list[Escalation]", reply.escalations)
