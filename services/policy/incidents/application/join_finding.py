"""Join a finding to the person's open incident of its family, or open one. Once, for ever."""

from datetime import datetime
from uuid import UUID

from eventsourcing.application import AggregateNotFoundError

from chassis.clock import as_datetime, now_ms
from contracts.evaluation.v1.evaluation_pb2 import Finding
from services.policy.incidents.application.gather_context import GatherContext
from services.policy.incidents.application.store import IncidentsApplication, IncidentStore
from services.policy.incidents.domain.fence import Fence
from services.policy.incidents.domain.finding import JoinedFinding
from services.policy.incidents.domain.identifiers import fence_id, slot_id
from services.policy.incidents.domain.incident import Incident
from services.policy.incidents.domain.slot import Slot


class JoinFinding:
    """Incident, slot and fence are one commit: all of it happened, or none."""

    def __init__(self, store: IncidentStore, gather: GatherContext, join_within_days: int) -> None:
        self._store = store
        self._gather = gather
        self._within_days = join_within_days

    async def handle(self, school: str, shard: int, finding: Finding, attempt: int) -> None:
        """Take ``finding`` in; one that was taken in before changes nothing.

        ``attempt`` counts deliveries from 1. Raises TransientError while something is away.
        """
        context, count = await self._gather.handle(school, finding, attempt)
        joined = JoinedFinding(
            finding_id=finding.finding_id,
            activity_id=finding.activity_id,
            activity_kind=finding.activity_kind,
            theme=finding.theme,
            severity=finding.severity,
            confidence=finding.confidence,
            rule_id=finding.rule_id,
            evaluation_hash=finding.evaluation_hash,
            device_id=finding.device_id,
            occurred_at_ms=finding.occurred_at_ms,
            received_at_ms=finding.received_at_ms,
            offline=finding.offline,
            four_c=finding.four_c,
            intent=finding.intent,
            key_id=finding.key_id,
            sealed=finding.sealed,
            context=context,
            context_count=count,
        )
        at = as_datetime(now_ms())

        def work(application: IncidentsApplication) -> int:
            return self._join(application, school, finding, joined, at)

        await self._store.command(school, work, shard)

    def _join(
        self,
        application: IncidentsApplication,
        school: str,
        finding: Finding,
        joined: JoinedFinding,
        at: datetime,
    ) -> int:
        if fence_id(school, joined.finding_id) in application.repository:
            return 0
        slot = _slot(application, school, finding)
        incident = None
        if slot is not None:
            current = application.load(Incident, UUID(slot.incident_id))
            if current.takes(at, self._within_days):
                incident = current
        if incident is not None:
            incident.join(joined, at)
            fence = _fence(school, joined, incident, at)
            return application.write(incident, fence)
        incident = Incident.open(
            school_id=school,
            person_id=finding.person_id,
            family=finding.family,
            year_group=finding.facts.year_group if finding.facts.HasField("year_group") else None,
            finding=joined,
            at=at,
        )
        if slot is None:
            slot = Slot.make(
                school_id=school,
                person_id=finding.person_id,
                family=finding.family,
                incident_id=str(incident.id),
                at=at,
            )
        else:
            slot.take(str(incident.id), at)
        return application.write(incident, slot, _fence(school, joined, incident, at))


def _slot(application: IncidentsApplication, school: str, finding: Finding) -> Slot | None:
    try:
        return application.load(Slot, slot_id(school, finding.person_id, finding.family))
    except AggregateNotFoundError:
        return None


def _fence(school: str, joined: JoinedFinding, incident: Incident, at: datetime) -> Fence:
    return Fence.passing(
        school_id=school, finding_id=joined.finding_id, incident_id=str(incident.id), at=at
    )
