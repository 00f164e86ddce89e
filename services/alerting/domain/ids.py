"""Deterministic ids, so that whatever comes twice finds what it made the first time."""

from uuid import UUID, uuid5

_PLANS = UUID("0d1c0d0e-6d0f-5b3a-9a57-1f1b7d0a6a01")
_ESCALATIONS = UUID("0d1c0d0e-6d0f-5b3a-9a57-1f1b7d0a6a02")


def plan_id(tenant: str) -> UUID:
    """The id of a school's one plan."""
    return uuid5(_PLANS, tenant)


def escalation_id(tenant: str, incident_id: str, severity: int) -> UUID:
    """The id of the one escalation that an incident may have at a severity."""
    return uuid5(_ESCALATIONS, f"{tenant}/{incident_id}/{severity}")
