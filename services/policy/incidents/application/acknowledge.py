"""Take an incident on."""

from chassis.auth import Caller
from chassis.clock import as_datetime, now_ms
from contracts.common.v1.common_pb2 import Written
from contracts.incidents.v1.views_pb2 import AcknowledgeRequest
from services.policy.incidents.application.store import IncidentsApplication, IncidentStore


class Acknowledge:
    """Stops the escalation; who did it is on record."""

    def __init__(self, store: IncidentStore) -> None:
        self._store = store

    async def handle(self, request: AcknowledgeRequest, caller: Caller) -> Written:
        """NotFoundError, or ConflictError when it is closed."""
        at = as_datetime(now_ms())

        def work(application: IncidentsApplication) -> int:
            incident = application.incident(caller.tenant, request.incident_id)
            incident.acknowledge(caller.subject, at)
            return application.write(incident)

        return Written(position=await self._store.command(caller.tenant, work))
