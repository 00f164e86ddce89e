"""What a school's plan says now."""

from eventsourcing.application import AggregateNotFoundError

from services.alerting.application.outcome import Alerting
from services.alerting.domain.ids import plan_id
from services.alerting.domain.plan import DEFAULT, Plan, Terms


def plan_of(app: Alerting, tenant: str) -> Plan | None:
    """The school's own plan, if it has set one."""
    try:
        return app.load(Plan, plan_id(tenant))
    except AggregateNotFoundError:
        return None


def terms_of(app: Alerting, tenant: str) -> Terms:
    """The terms that hold: the school's own or the default's."""
    plan = plan_of(app, tenant)
    return DEFAULT if plan is None else plan.terms
