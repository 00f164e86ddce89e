"""What a command gives back, and the one way in which escalations are loaded and saved."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from eventsourcing.application import AggregateNotFoundError

from chassis.errors import NotFoundError
from chassis.store.application import ShardApplication, position_of
from services.alerting.domain.escalation import Escalation
from services.alerting.domain.events import DECLINED, Exhausted
from services.alerting.domain.ids import escalation_id
from services.alerting.domain.todo import Todo

SEVERITIES = range(1, 6)


class Alerting(ShardApplication):
    """The plans and escalations of one shard."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """``position`` is 0 if nothing was written; ``todos`` is what is owed now."""

    verdict: str
    position: int = 0
    todos: Sequence[Todo] = ()
    exhausted: Sequence[str] = ()
    """Escalations that this command exhausted."""


def escalations_of(app: Alerting, tenant: str, incident_id: str) -> dict[int, Escalation]:
    """An incident's escalations by severity. There are five at most, so no view is needed."""
    found = {}
    for severity in SEVERITIES:
        try:
            found[severity] = app.load(Escalation, escalation_id(tenant, incident_id, severity))
        except AggregateNotFoundError:
            continue
    return found


def escalation(app: Alerting, tenant: str, escalation: str) -> Escalation:
    """One escalation of the school; NotFoundError if it has none by that id."""
    try:
        found = app.load(Escalation, UUID(escalation))
    except (AggregateNotFoundError, ValueError):
        found = None
    if found is None or found.tenant != tenant:
        raise NotFoundError("no_such_escalation", "the school has no such escalation")
    return found


def save(
    app: Alerting, verdict: str, changed: Sequence[Escalation], *, owing: Sequence[Escalation] = ()
) -> Outcome:
    """Record what changed in one commit; ``owing`` are further escalations to look after."""
    exhausted = tuple(
        str(one.id) for one in changed if any(isinstance(p, Exhausted) for p in one.pending_events)
    )
    recordings = app.save(*changed) if changed else []
    todos = tuple(one.todo() for one in (*changed, *owing) if one.state != DECLINED)
    return Outcome(verdict, position_of(recordings), todos, exhausted)
