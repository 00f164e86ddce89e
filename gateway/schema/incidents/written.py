"""What a decision about an incident answers: its position, and the incident as it is after it."""

from typing import cast

import strawberry

from contracts.incidents.v1 import views_pb2 as iv
from gateway.schema.context import Info
from gateway.schema.fields import answered
from gateway.schema.incidents.types import Incident


@strawberry.type(description="The decision is stored.")
class IncidentWritten:
    """A position, and the incident for who wants it."""

    position: str = strawberry.field(description="Give it as afterPosition to read your write.")
    incident_id: strawberry.Private[str]

    @answered("The incident as this decision left it, or later.")
    async def incident(self, info: Info) -> Incident | None:
        """Read after the write; null with an error beside it, for the write itself stands."""
        request = iv.GetIncidentRequest(incident_id=self.incident_id, after_position=self.position)
        case = await info.context.ask(request, iv.CaseView)
        return cast("Incident", case.incident)
