"""Answers who has which role in a school."""

from pymongo import UpdateOne
from pymongo.client_session import ClientSession
from pymongo.database import Database

from chassis.store.batches import DomainEvent
from chassis.store.documents import Document
from chassis.tenancy import scoped
from services.directory.domain.user import User
from services.directory.projections.states import user_state

COLLECTION = "users"


class UsersByRole:
    """A row a user, without name and e-mail; ``since`` is the position at which they were added."""

    name = "users_by_role"
    topics = (User.Created.TOPIC, User.Changed.TOPIC)

    def handle(
        self,
        rows: Database[Document],
        events: list[tuple[int, DomainEvent]],
        session: ClientSession,
    ) -> None:
        """Write the row of each user who was added or changed."""
        writes = []
        for position, event in events:
            if isinstance(event, User.Created | User.Changed):
                state = user_state(event)
                row = {
                    "role": state.role,
                    "active": state.active,
                    "body": state.SerializeToString(),
                }
                change = {"$set": row, "$setOnInsert": {"since": position}}
                which = scoped(event.school_id, {"_id": state.user_id})
                writes.append(UpdateOne(which, change, upsert=True))
        rows[COLLECTION].bulk_write(writes, session=session)
