"""Add a note to an incident, sealed under the person's key."""

from uuid import uuid4

from chassis.auth import Caller
from chassis.clock import as_datetime, now_ms
from chassis.errors import InvalidError
from chassis.sealing import KeyRing
from contracts.common.v1.common_pb2 import Written
from contracts.incidents.v1.views_pb2 import AddNoteRequest
from services.policy.incidents.application.places import note_place
from services.policy.incidents.application.store import IncidentsApplication, IncidentStore
from services.policy.incidents.domain.vocabulary import MAX_WORDS


class AddNote:
    """Notes hold names and judgements, so they are forgotten with the person."""

    def __init__(self, store: IncidentStore, keys: KeyRing) -> None:
        self._store = store
        self._keys = keys

    async def handle(self, request: AddNoteRequest, caller: Caller) -> Written:
        """InvalidError for no text or too much, NotFoundError."""
        text = request.text.strip()
        if not 0 < len(text) <= MAX_WORDS:
            raise InvalidError("bad_text", f"text must have 1 to {MAX_WORDS} characters")
        incident = (await self._store.read(caller.tenant, request.incident_id)).incident
        key = await self._keys.by_id(caller.tenant, incident.key_id)
        note_id = str(uuid4())
        sealed = key.seal(text.encode(), note_place(request.incident_id, note_id))
        at = as_datetime(now_ms())

        def work(application: IncidentsApplication) -> int:
            current = application.incident(caller.tenant, request.incident_id)
            current.note(caller.subject, note_id, sealed, at)
            return application.write(current)

        return Written(position=await self._store.command(caller.tenant, work))
