"""What incidents needs from outside."""

from collections.abc import Sequence
from typing import Protocol

from contracts.capture.v1.capture_pb2 import ActivityBatch
from contracts.incidents.v1.views_pb2 import ListIncidentsRequest, ListIncidentsResponse


class Context(Protocol):
    """What was around an activity."""

    async def around(
        self, school: str, device_id: str, key_id: str, sequence: int
    ) -> Sequence[ActivityBatch]:
        """Sealed batches in stream order. TransientError while capture is away."""
        ...


class Names(Protocol):
    """Who a person is."""

    async def of(self, school: str, person_id: str) -> str:
        """The name; GoneError once the person is erased."""
        ...


class Schools(Protocol):
    """Incidents' copy of which shard a school is in."""

    def shard(self, school: str) -> int:
        """The school's shard; NotFoundError for a school that is not known."""
        ...


class Inbox(Protocol):
    """The read model of the inbox."""

    async def page(self, school: str, request: ListIncidentsRequest) -> ListIncidentsResponse:
        """One page; InvalidError for a bad cursor or size."""
        ...
