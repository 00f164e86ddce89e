"""The mark that a finding was taken in: the lasting guard against a batch sent again."""

from datetime import datetime

from eventsourcing.domain import Aggregate

from services.policy.incidents.domain.identifiers import fence_id


class Fence(Aggregate):
    """Made in the commit that joins the finding. Its id is the finding's, so a second one fails."""

    TOPIC = "incidents.Fence"

    class Created(Aggregate.Created):
        """The finding was taken in."""

        TOPIC = "incidents.FencePassed.v1"
        incident_id: str

    def __init__(self, incident_id: str) -> None:
        self.incident_id = incident_id

    @classmethod
    def passing(cls, *, school_id: str, finding_id: str, incident_id: str, at: datetime) -> "Fence":
        """The mark of ``finding_id``."""
        return cls._create(
            cls.Created,
            id=fence_id(school_id, finding_id),
            timestamp=at,
            incident_id=incident_id,
        )
