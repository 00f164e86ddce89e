"""Which incident a person's findings of one family join: one at a time, whoever asks."""

from datetime import datetime

from eventsourcing.domain import Aggregate

from services.policy.incidents.domain.identifiers import slot_id


class Slot(Aggregate):
    """Saved in the commit that opens an incident: two processes that open at once collide here."""

    TOPIC = "incidents.Slot"

    class Created(Aggregate.Created):
        """The person's first incident in the family."""

        TOPIC = "incidents.SlotMade.v1"
        incident_id: str

    class Taken(Aggregate.Event):
        """A later incident."""

        TOPIC = "incidents.SlotTaken.v1"
        incident_id: str

        def apply(self, aggregate: "Slot") -> None:
            """Point at the newer incident."""
            aggregate.incident_id = self.incident_id

    def __init__(self, incident_id: str) -> None:
        self.incident_id = incident_id

    @classmethod
    def make(
        cls, *, school_id: str, person_id: str, family: str, incident_id: str, at: datetime
    ) -> "Slot":
        """The slot, holding the person's first incident in the family."""
        return cls._create(
            cls.Created,
            id=slot_id(school_id, person_id, family),
            timestamp=at,
            incident_id=incident_id,
        )

    def take(self, incident_id: str, at: datetime) -> None:
        """Point at a newer incident."""
        self.trigger_event(self.Taken, timestamp=at, incident_id=incident_id)
