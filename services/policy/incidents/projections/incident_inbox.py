"""Which incidents are there, newest first: the inbox."""

from collections.abc import Sequence

from eventsourcing.utils import get_topic
from pymongo.client_session import ClientSession
from pymongo.database import Database

from chassis.store.batches import DomainEvent
from chassis.store.documents import Document
from chassis.tenancy import scoped
from contracts.incidents.v1.views_pb2 import IncidentView
from services.policy.incidents.domain.incident import Incident
from services.policy.incidents.projections.incident_view import advance, opened

COLLECTION = "inbox"

_TOPICS = [
    get_topic(event)
    for event in (
        Incident.Created,
        Incident.FindingJoined,
        Incident.SeverityRaised,
        Incident.Acknowledged,
        Incident.Closed,
    )
]


class IncidentInbox:
    """One document an incident: index fields, and ``body`` as it is answered."""

    name = "incident_inbox.v1"
    topics: Sequence[str] | None = _TOPICS

    def __init__(self, database: Database[Document]) -> None:
        rows = database[COLLECTION]
        rows.create_index([("tenant", 1), ("opened_at_ms", -1), ("_id", -1)])
        rows.create_index([("tenant", 1), ("state", 1), ("opened_at_ms", -1), ("_id", -1)])

    def handle(
        self,
        rows: Database[Document],
        events: list[tuple[int, DomainEvent]],
        session: ClientSession,
    ) -> None:
        """Read the rows that the events touch, advance them, write them."""
        touched: dict[str, tuple[str, IncidentView]] = {}
        for _, event in events:
            incident = str(event.originator_id)
            if isinstance(event, Incident.Created):
                touched[incident] = (event.school_id, opened(event))
                continue
            if not isinstance(event, Incident.Event):
                raise TypeError(f"{type(event).__name__} is no event of an incident")
            if incident not in touched:
                row = rows[COLLECTION].find_one(
                    scoped(event.school_id, {"_id": incident}), {"body": 1}, session=session
                )
                if row is None:
                    raise LookupError("an event of an incident that was never opened")
                touched[incident] = (event.school_id, IncidentView.FromString(row["body"]))
            advance(touched[incident][1], event)
        for incident, (school, view) in touched.items():
            rows[COLLECTION].replace_one(
                scoped(school, {"_id": incident}),
                scoped(
                    school,
                    {
                        "_id": incident,
                        "state": view.state,
                        "family": view.family,
                        "themes": list(view.themes),
                        "severity": view.severity,
                        "year_group": view.year_group if view.HasField("year_group") else None,
                        "opened_at_ms": view.opened_at_ms,
                        "body": view.SerializeToString(),
                    },
                ),
                upsert=True,
                session=session,
            )
