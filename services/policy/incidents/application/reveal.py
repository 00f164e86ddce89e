"""Show the name and the words, after recording who asked and for what purpose."""

import msgspec

from chassis.auth import Caller
from chassis.clock import as_datetime, now_ms
from chassis.errors import GoneError
from chassis.sealing import KeyRing, SealKey
from contracts.activity import Activity
from contracts.capture.v1 import capture_pb2
from contracts.evaluation.v1.evaluation_pb2 import FindingDetail
from contracts.incidents.v1.views_pb2 import (
    RevealedFinding,
    RevealedNote,
    RevealRequest,
    RevealResponse,
)
from services.policy.incidents.application.places import (
    context_place,
    finding_place,
    note_place,
    rationale_place,
)
from services.policy.incidents.application.ports import Names
from services.policy.incidents.application.store import IncidentsApplication, IncidentStore
from services.policy.incidents.domain.finding import JoinedFinding
from services.policy.incidents.domain.incident import Incident
from services.policy.incidents.projections.incident_view import ms

ERASED = "[erased]"

_decode = msgspec.json.Decoder(list[Activity]).decode


class Reveal:
    """The record comes first: words that were shown and not recorded would be a leak."""

    def __init__(self, store: IncidentStore, keys: KeyRing, names: Names) -> None:
        self._store = store
        self._keys = keys
        self._names = names

    async def handle(self, request: RevealRequest, caller: Caller) -> RevealResponse:
        """InvalidError for the purpose, NotFoundError; TransientError while keys are away."""
        at = as_datetime(now_ms())

        def work(application: IncidentsApplication) -> int:
            incident = application.incident(caller.tenant, request.incident_id)
            incident.reveal(caller.subject, request.purpose, at)
            return application.write(incident)

        position = await self._store.command(caller.tenant, work)
        incident = (await self._store.read(caller.tenant, request.incident_id)).incident
        answer = RevealResponse(position=position)
        try:
            answer.person_name = await self._names.of(caller.tenant, incident.person_id)
            answer.findings.extend(
                [await self._finding(caller.tenant, finding) for finding in incident.findings]
            )
            key = await self._keys.by_id(caller.tenant, incident.key_id)
            answer.notes.extend(_notes(incident, key))
        except GoneError:
            answer.person_name = ERASED
        return answer

    async def _finding(self, school: str, finding: JoinedFinding) -> RevealedFinding:
        key = await self._keys.by_id(school, finding.key_id)
        detail = FindingDetail.FromString(
            key.open(finding.sealed, finding_place(finding.finding_id))
        )
        shown = RevealedFinding(
            finding_id=finding.finding_id,
            activity=detail.activity,
            explanation=detail.explanation,
        )
        if finding.context:
            around = _decode(key.open(finding.context, context_place(finding.finding_id)))
            shown.context.extend(as_message(activity) for activity in around)
        return shown


def as_message(activity: Activity) -> capture_pb2.Activity:
    """The same activity as a contract message."""
    return capture_pb2.Activity(**msgspec.structs.asdict(activity))


def _notes(incident: Incident, key: SealKey) -> list[RevealedNote]:
    notes = [
        RevealedNote(
            at_ms=ms(at),
            by_user=by_user,
            text=key.open(sealed, note_place(str(incident.id), note_id)).decode(),
        )
        for at, by_user, note_id, sealed in incident.notes
    ]
    if incident.rationale is not None:
        notes.append(
            RevealedNote(
                at_ms=ms(incident.closed_at or incident.modified_on),
                by_user=incident.closed_by or "",
                text=key.open(incident.rationale, rationale_place(str(incident.id))).decode(),
            )
        )
    return notes
