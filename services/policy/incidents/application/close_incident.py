"""Close an incident with its outcome and the reason for it."""

from chassis.auth import Caller
from chassis.clock import as_datetime, now_ms
from chassis.errors import InvalidError
from chassis.sealing import KeyRing
from contracts.common.v1.common_pb2 import Written
from contracts.incidents.v1.views_pb2 import CloseIncidentRequest
from services.policy.incidents.application.places import rationale_place
from services.policy.incidents.application.store import IncidentsApplication, IncidentStore
from services.policy.incidents.domain.vocabulary import MAX_WORDS


class CloseIncident:
    """KCSIE asks for the decision and the reason: neither may be missing."""

    def __init__(self, store: IncidentStore, keys: KeyRing) -> None:
        self._store = store
        self._keys = keys

    async def handle(self, request: CloseIncidentRequest, caller: Caller) -> Written:
        """InvalidError for outcome or rationale, NotFoundError, ConflictError when closed."""
        rationale = request.rationale.strip()
        if not 0 < len(rationale) <= MAX_WORDS:
            raise InvalidError("bad_rationale", f"rationale must have 1 to {MAX_WORDS} characters")
        incident = (await self._store.read(caller.tenant, request.incident_id)).incident
        key = await self._keys.by_id(caller.tenant, incident.key_id)
        sealed = key.seal(rationale.encode(), rationale_place(request.incident_id))
        at = as_datetime(now_ms())

        def work(application: IncidentsApplication) -> int:
            current = application.incident(caller.tenant, request.incident_id)
            current.close(caller.subject, request.outcome, sealed, at)
            return application.write(current)

        return Written(position=await self._store.command(caller.tenant, work))
