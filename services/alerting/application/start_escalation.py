"""An incident reached a severity: decide whether anybody must be told, and begin."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from services.alerting.application.get_plan import terms_of
from services.alerting.application.outcome import Alerting, Outcome, escalations_of, save
from services.alerting.domain.escalation import Escalation
from services.alerting.domain.events import DECLINED, RUNNING
from services.alerting.domain.position import Position
from services.alerting.domain.staffing import man
from services.alerting.domain.todo import Verdict


@dataclass(frozen=True, slots=True)
class StartEscalation:
    """``position``: where incidents said so. ``on_duty``: the users behind the roles now."""

    tenant: str
    incident_id: str
    reference: str
    theme: str
    severity: int
    position: Position
    on_duty: Mapping[str, str | None]
    message_domain: str
    at: datetime


def start_escalation(app: Alerting, command: StartEscalation) -> Outcome:
    """Decide once per incident and severity.

    The start of a higher severity and the end of the lower one are one commit, so that at no
    moment nobody is told. Raises InvalidError for a severity that is none.
    """
    known = escalations_of(app, command.tenant, command.incident_id)
    if command.severity in known:
        return save(app, "this was decided before", [], owing=list(known.values()))
    new = Escalation.consider(
        tenant=command.tenant,
        incident_id=command.incident_id,
        reference=command.reference,
        theme=command.theme,
        severity=command.severity,
        position=command.position,
        at=command.at,
    )
    verdict = _decide(app, command, new, known)
    changed = [new]
    if new.state == RUNNING:
        changed += [old for old in known.values() if old.supersede(command.at).changed]
    return save(app, verdict.why, changed)


def _decide(
    app: Alerting, command: StartEscalation, new: Escalation, known: Mapping[int, Escalation]
) -> Verdict:
    terms = terms_of(app, command.tenant)
    if command.severity < terms.minimum_severity:
        return new.decline(
            f"severity {command.severity} is below the plan's {terms.minimum_severity}", command.at
        )
    if any(s > command.severity and one.state != DECLINED for s, one in known.items()):
        return new.decline("the incident escalated at a higher severity already", command.at)
    steps, skipped = man(terms.steps, command.on_duty)
    return new.start(steps, skipped, command.message_domain, command.at)
