"""Evaluation's copy of the directory: shards, and who is pupil or staff in which year."""

from typing import Literal, cast

from chassis.bus.consume import Meta
from chassis.errors import NotFoundError
from contracts.directory.v1.states_pb2 import PersonState, SchoolState
from services.policy.evaluation.domain.policy import RosterFacts

_ROLES = ("pupil", "staff")
UNKNOWN = RosterFacts()


class RosterCopy:
    """In memory: about 200 bytes a person; filled from DIRECTORY before the role is ready."""

    def __init__(self) -> None:
        self._shards: dict[str, int] = {}
        self._facts: dict[tuple[str, str], RosterFacts] = {}

    async def learn(self, message: object, meta: Meta) -> None:
        """Take in one state."""
        if isinstance(message, SchoolState):
            self._shards[meta.tenant] = message.shard
        elif isinstance(message, PersonState):
            role = message.role if message.role in _ROLES else "unknown"
            self._facts[(meta.tenant, message.person_id)] = RosterFacts(
                cast("Literal['pupil', 'staff', 'unknown']", role),
                message.year_group if message.HasField("year_group") else None,
            )

    def facts(self, school: str, person_id: str) -> RosterFacts:
        """What the roster says about a person; unknown role where it says nothing."""
        return self._facts.get((school, person_id), UNKNOWN)

    def shard(self, school: str) -> int:
        """The school's shard; NotFoundError for a school that is not known."""
        try:
            return self._shards[school]
        except KeyError:
            raise NotFoundError("no_school", "this school is not known here") from None
