"""Answers which schools there are."""

from pymongo import ReplaceOne
from pymongo.client_session import ClientSession
from pymongo.database import Database

from chassis.store.batches import DomainEvent
from chassis.store.documents import Document
from chassis.tenancy import PLATFORM, scoped
from services.directory.domain.school import School
from services.directory.projections.states import school_state

COLLECTION = "schools"


class SchoolList:
    """A row a school. The list is the platform's own, so that is whose rows they are."""

    name = "school_list"
    topics = (School.Created.TOPIC,)

    def handle(
        self,
        rows: Database[Document],
        events: list[tuple[int, DomainEvent]],
        session: ClientSession,
    ) -> None:
        """Write the rows of new schools."""
        writes = [
            ReplaceOne(
                scoped(PLATFORM, {"_id": str(event.originator_id)}),
                {
                    "tenant": PLATFORM,
                    "slug": event.slug,
                    "name": event.name,
                    "body": school_state(event).SerializeToString(),
                },
                upsert=True,
            )
            for _, event in events
            if isinstance(event, School.Created)
        ]
        rows[COLLECTION].bulk_write(writes, session=session)
