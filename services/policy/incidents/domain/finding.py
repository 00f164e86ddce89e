"""A finding as an incident keeps it: clear facts, sealed words."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class JoinedFinding:
    """Times in milliseconds since the epoch. ``sealed`` and ``context`` are under ``key_id``."""

    finding_id: str
    activity_id: str
    activity_kind: str
    theme: str
    severity: int
    confidence: float
    rule_id: str
    evaluation_hash: str
    device_id: str
    occurred_at_ms: int
    received_at_ms: int
    offline: bool
    four_c: str
    intent: str
    key_id: str
    sealed: bytes
    context: bytes
    context_count: int
