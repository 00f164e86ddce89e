"""What an escalation owes now, read from its events and not from a view that may lag."""

from services.alerting.application.outcome import Alerting, Outcome, escalation


def look_after(app: Alerting, tenant: str, escalation_id: str) -> Outcome:
    """Change nothing; say what is owed."""
    one = escalation(app, tenant, escalation_id)
    return Outcome(f"the escalation is {one.state}", todos=(one.todo(),))
