"""Answers which devices may hand in activity."""

from pymongo import ReplaceOne
from pymongo.client_session import ClientSession
from pymongo.database import Database

from chassis.store.batches import DomainEvent
from chassis.store.documents import Document
from chassis.tenancy import scoped
from services.directory.domain.device import Device
from services.directory.projections.states import device_state

COLLECTION = "devices"


class Devices:
    """A row a device, with the hash of its token."""

    name = "devices"
    topics = (Device.Created.TOPIC, Device.Reenrolled.TOPIC)

    def handle(
        self,
        rows: Database[Document],
        events: list[tuple[int, DomainEvent]],
        session: ClientSession,
    ) -> None:
        """Write the row of each device that got a token."""
        writes = []
        for _, event in events:
            if isinstance(event, Device.Created | Device.Reenrolled):
                state = device_state(event)
                row = {
                    "tenant": event.school_id,
                    "name": state.name,
                    "active": state.active,
                    "body": state.SerializeToString(),
                }
                which = scoped(event.school_id, {"_id": state.device_id})
                writes.append(ReplaceOne(which, row, upsert=True))
        rows[COLLECTION].bulk_write(writes, session=session)
