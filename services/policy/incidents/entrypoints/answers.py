"""Requests that the gateway forwards for users."""

from collections.abc import Mapping

from google.protobuf.message import Message

from chassis.bus.answer import Answer
from contracts.incidents.v1 import views_pb2 as pb
from services.policy.incidents.application.acknowledge import Acknowledge
from services.policy.incidents.application.add_note import AddNote
from services.policy.incidents.application.close_incident import CloseIncident
from services.policy.incidents.application.get_incident import GetIncident
from services.policy.incidents.application.list_incidents import ListIncidents
from services.policy.incidents.application.reveal import Reveal


def answers(
    list_incidents: ListIncidents,
    get_incident: GetIncident,
    acknowledge: Acknowledge,
    add_note: AddNote,
    close_incident: CloseIncident,
    reveal: Reveal,
) -> Mapping[type[Message], Answer]:
    """The table request → handler."""
    return {
        pb.ListIncidentsRequest: list_incidents.handle,
        pb.GetIncidentRequest: get_incident.handle,
        pb.AcknowledgeRequest: acknowledge.handle,
        pb.AddNoteRequest: add_note.handle,
        pb.CloseIncidentRequest: close_incident.handle,
        pb.RevealRequest: reveal.handle,
    }
