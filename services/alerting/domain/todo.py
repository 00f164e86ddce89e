"""What an escalation still owes the world: derived from its state alone.

Effects are never part of a command. After a crash the same state gives the same list, so nothing
has to be remembered besides the events.
"""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a command changed something, and why or why not, in words."""

    changed: bool
    why: str


@dataclass(frozen=True, slots=True)
class Timer:
    """``step`` falls due at ``at``; one past the last means exhausted."""

    step: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Todo:
    """The timer that should be pending (None: no timer should) and what is still to be sent."""

    tenant: str
    escalation_id: str
    timer: Timer | None
    deliveries: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Notification:
    """One message to one user. ``outcome`` is empty until it is delivered or failed."""

    step: int
    user_id: str
    role: str
    channel: str
    message_id: str
    outcome: str = ""
