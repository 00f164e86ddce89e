"""Answer one incident: timeline, findings and why, without a name or a captured word."""

from collections.abc import Callable
from typing import Any

from chassis.auth import Caller
from chassis.errors import GoneError
from chassis.sealing import KeyRing
from contracts.evaluation.v1.evaluation_pb2 import FindingDetail
from contracts.incidents.v1.views_pb2 import (
    CaseView,
    FindingView,
    GetIncidentRequest,
    TimelineEntry,
    Why,
)
from services.policy.incidents.application.list_incidents import ListIncidents
from services.policy.incidents.application.places import finding_place
from services.policy.incidents.application.store import IncidentStore
from services.policy.incidents.domain.finding import JoinedFinding
from services.policy.incidents.domain.incident import Incident
from services.policy.incidents.projections.incident_view import fold, ms

_ENTRIES: dict[type[Any], Callable[[Any], TimelineEntry]] = {
    Incident.Created: lambda e: TimelineEntry(kind="opened", severity=e.severity),
    Incident.FindingJoined: lambda e: TimelineEntry(
        kind="finding_joined",
        severity=e.finding["severity"],
        finding_id=e.finding["finding_id"],
    ),
    Incident.SeverityRaised: lambda e: TimelineEntry(kind="severity_raised", severity=e.severity),
    Incident.Acknowledged: lambda e: TimelineEntry(kind="acknowledged", by_user=e.by_user),
    Incident.Noted: lambda e: TimelineEntry(kind="noted", by_user=e.by_user),
    Incident.Revealed: lambda e: TimelineEntry(
        kind="revealed", by_user=e.by_user, detail=e.purpose
    ),
    Incident.Closed: lambda e: TimelineEntry(kind="closed", by_user=e.by_user, detail=e.outcome),
}


class GetIncident:
    """Read from the store itself, so it is never behind.

    It waits for the inbox all the same: a subscriber is never told more than the inbox shows.
    """

    def __init__(self, store: IncidentStore, keys: KeyRing, inbox: ListIncidents) -> None:
        self._store = store
        self._keys = keys
        self._inbox = inbox

    async def handle(self, request: GetIncidentRequest, caller: Caller) -> CaseView:
        """NotFoundError; TransientError while the keys or the view are away."""
        await self._inbox.wait(caller.tenant, request.after_position)
        record = await self._store.read(caller.tenant, request.incident_id)
        case = CaseView(incident=fold(record.events))
        for event in record.events:
            entry = _ENTRIES[type(event)](event)
            entry.at_ms = ms(event.timestamp)
            case.timeline.append(entry)
        for finding in record.incident.findings:
            case.findings.append(await self._finding(caller.tenant, finding))
        return case

    async def _finding(self, school: str, finding: JoinedFinding) -> FindingView:
        return FindingView(
            finding_id=finding.finding_id,
            theme=finding.theme,
            severity=finding.severity,
            confidence=finding.confidence,
            rule_id=finding.rule_id,
            evaluation_hash=finding.evaluation_hash,
            device_id=finding.device_id,
            activity_id=finding.activity_id,
            activity_kind=finding.activity_kind,
            occurred_at_ms=finding.occurred_at_ms,
            received_at_ms=finding.received_at_ms,
            offline=finding.offline,
            four_c=finding.four_c,
            intent=finding.intent,
            context_count=finding.context_count,
            why=await self._why(school, finding),
        )

    async def _why(self, school: str, finding: JoinedFinding) -> Why:
        try:
            key = await self._keys.by_id(school, finding.key_id)
        except GoneError:
            return Why(available=False)
        sealed = key.open(finding.sealed, finding_place(finding.finding_id))
        explanation = FindingDetail.FromString(sealed).explanation
        return Why(
            summary=_summary(finding, explanation.base_severity),
            base_severity=explanation.base_severity,
            steps=explanation.steps,
            normalising=explanation.normalising,
            available=True,
        )


def _summary(finding: JoinedFinding, base: int) -> str:
    """The reason in a sentence that quotes nothing."""
    theme = finding.theme.rpartition(".")[2].replace("_", " ")
    kind = finding.activity_kind.replace("_", " ")
    how = "as the rule has it" if base == finding.severity else f"the rule alone has {base}"
    return f"A rule for {theme} matched a {kind}: severity {finding.severity} ({how})."
