"""The incidents' event store, and what is done after every write."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from uuid import UUID

from eventsourcing.application import AggregateNotFoundError
from eventsourcing.domain import Aggregate

from chassis.errors import InvalidError, NotFoundError
from chassis.store.application import ShardApplication, ShardedStore, position_of
from chassis.store.commands import CommandRunner
from services.policy.incidents.application.ports import Schools
from services.policy.incidents.domain.incident import Incident

WAIT_S = 1.5
"""Seconds a read waits for its own write; below the two after which a request is sent again."""

Notify = Callable[[int, int], None]


@dataclass(frozen=True)
class Record:
    """An incident and everything that happened to it."""

    incident: Incident
    events: Sequence[Incident.Event | Incident.Created]


class IncidentsApplication(ShardApplication):
    """Incidents, slots and fences of one shard."""

    def incident(self, school: str, incident_id: str) -> Incident:
        """The school's incident; NotFoundError for another school's, too."""
        try:
            incident = self.load(Incident, UUID(incident_id))
        except (AggregateNotFoundError, ValueError):
            incident = None
        if incident is None or incident.school_id != school:
            raise NotFoundError("no_incident", "there is no such incident in this school")
        return incident

    def record(self, school: str, incident_id: str) -> Record:
        """The incident and its events; NotFoundError."""
        incident = self.incident(school, incident_id)
        return Record(incident, list(self.events.get(UUID(incident_id))))  # type: ignore[arg-type]  # its own

    def write(self, *aggregates: Aggregate) -> int:
        """Save in one commit; the position of its last event, 0 if nothing had changed."""
        return position_of(self.save(*aggregates))


class IncidentStore:
    """Runs commands on a school's shard and wakes the readers."""

    def __init__(
        self,
        store: ShardedStore[IncidentsApplication],
        runner: CommandRunner,
        schools: Schools,
    ) -> None:
        self._store = store
        self._runner = runner
        self._schools = schools
        self.readers: list[Notify] = []

    async def command(
        self, school: str, work: Callable[[IncidentsApplication], int], shard: int | None = None
    ) -> str:
        """Run ``work`` in a thread; again if it lost a race. Returns the position as text."""
        number = self._schools.shard(school) if shard is None else shard
        application = self._store.shard(number)
        position = await self._runner.run(work, application)
        if not position:
            # Nothing had changed: whoever waits is shown what there is.
            return f"{number}:0"
        for notify in self.readers:
            notify(number, position)
        return f"{number}:{position}"

    async def read(self, school: str, incident_id: str) -> Record:
        """The school's incident as it is now; NotFoundError."""
        application = self._store.shard(self._schools.shard(school))
        return await self._runner.run(application.record, school, incident_id)

    def parse(self, school: str, position: str) -> tuple[int, int]:
        """Shard and number of a position that this school was given; InvalidError for others."""
        shard, _, number = position.partition(":")
        if not (shard.isdigit() and number.isdigit()) or int(shard) != self._schools.shard(school):
            raise InvalidError("bad_position", "after_position is not one that a write returned")
        return int(shard), int(number)
