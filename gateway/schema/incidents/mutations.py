"""Commands that incidents takes."""

import strawberry
from google.protobuf.message import Message

from contracts.common.v1 import common_pb2 as co
from contracts.incidents.v1 import views_pb2 as iv
from gateway.schema.context import Info
from gateway.schema.fields import decided
from gateway.schema.incidents.revealed import Reveal
from gateway.schema.incidents.written import IncidentWritten


async def _decide(info: Info, incident_id: str, request: Message) -> IncidentWritten:
    written = await info.context.ask(request, co.Written)
    return IncidentWritten(position=written.position, incident_id=incident_id)


@strawberry.type
class IncidentMutations:
    """What is decided about an incident."""

    @decided("Say that somebody is dealing with it: alerts stop.")
    async def acknowledge(self, info: Info, incident_id: strawberry.ID) -> IncidentWritten | None:
        """Ask incidents."""
        request = iv.AcknowledgeRequest(incident_id=incident_id)
        return await _decide(info, incident_id, request)

    @decided("Record what was done. The text is kept sealed.")
    async def note(
        self, info: Info, incident_id: strawberry.ID, text: str
    ) -> IncidentWritten | None:
        """Ask incidents."""
        request = iv.AddNoteRequest(incident_id=incident_id, text=text)
        return await _decide(info, incident_id, request)

    @decided("Close it with an outcome and why. The why is kept sealed.")
    async def close(
        self, info: Info, incident_id: strawberry.ID, outcome: str, rationale: str
    ) -> IncidentWritten | None:
        """Ask incidents."""
        request = iv.CloseIncidentRequest(
            incident_id=incident_id, outcome=outcome, rationale=rationale
        )
        return await _decide(info, incident_id, request)

    @decided(
        "Show the name and the words, for a purpose that is recorded with your name. "
        "Nothing else in this schema shows either."
    )
    async def reveal(self, info: Info, incident_id: strawberry.ID, purpose: str) -> Reveal | None:
        """Ask incidents."""
        request = iv.RevealRequest(incident_id=incident_id, purpose=purpose)
        return await info.context.show(Reveal, request)
