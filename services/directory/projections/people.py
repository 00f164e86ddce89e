"""Answers who is in a school's roster."""

from pymongo import ReplaceOne
from pymongo.client_session import ClientSession
from pymongo.database import Database

from chassis.store.batches import DomainEvent
from chassis.store.documents import Document
from chassis.tenancy import scoped
from services.directory.domain.person import Person
from services.directory.projections.states import person_state

COLLECTION = "people"


class People:
    """A row a person, stand-ins too, without names."""

    name = "people"
    topics = (Person.Created.TOPIC, Person.Changed.TOPIC, Person.Merged.TOPIC)

    def handle(
        self,
        rows: Database[Document],
        events: list[tuple[int, DomainEvent]],
        session: ClientSession,
    ) -> None:
        """Write the row of each person who was recorded, changed or merged."""
        writes = []
        for _, event in events:
            if isinstance(event, Person.Created | Person.Changed | Person.Merged):
                state = person_state(event)
                row = {
                    "tenant": event.school_id,
                    "role": state.role,
                    "provisional": state.provisional,
                    "active": state.active,
                    "body": state.SerializeToString(),
                }
                which = scoped(event.school_id, {"_id": state.person_id})
                writes.append(ReplaceOne(which, row, upsert=True))
        rows[COLLECTION].bulk_write(writes, session=session)
