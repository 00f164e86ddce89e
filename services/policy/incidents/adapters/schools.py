"""Incidents' copy of which shard each school is in."""

from chassis.bus.consume import Meta
from chassis.errors import NotFoundError
from contracts.directory.v1.states_pb2 import SchoolState


class SchoolCopy:
    """In memory, filled from DIRECTORY before the role is ready."""

    def __init__(self) -> None:
        self._shards: dict[str, int] = {}

    async def learn(self, message: object, meta: Meta) -> None:
        """Take in one state."""
        if isinstance(message, SchoolState):
            self._shards[meta.tenant] = message.shard

    def shard(self, school: str) -> int:
        """The school's shard; NotFoundError for a school that is not known."""
        try:
            return self._shards[school]
        except KeyError:
            raise NotFoundError("no_school", "this school is not known here") from None
