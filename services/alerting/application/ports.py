"""What commands need from outside; adapters make it true."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from chassis.errors import InvalidError


class RejectedError(InvalidError):
    """A channel refused a message for good. The sentence names no person and no address."""

    def __init__(self, reason: str) -> None:
        super().__init__("rejected", reason)


@dataclass(frozen=True, slots=True)
class Onward:
    """What happens if nobody answers by ``at``: ``role`` is told; None: that was the last."""

    role: str | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Notice:
    """What one user is told. No name, no year group and nothing that was captured."""

    message_id: str
    incident_id: str
    reference: str
    theme: str
    severity: int
    role: str
    onward: Onward | None
    """None when the next step was reached already."""
    time_zone: str


class Channel(Protocol):
    """A way of telling somebody."""

    async def send(self, notice: Notice, to: str) -> None:
        """Hand ``notice`` over to the channel, in bounded time.

        Sending twice repeats the same ``message_id``. Raises RejectedError when it never will be
        accepted, TransientError when it may be later.
        """
        ...


class Contacts(Protocol):
    """Where users can be reached; asked at each send, never stored."""

    async def email_of(self, tenant: str, user_id: str) -> str:
        """An address. RejectedError if there is none, TransientError if nobody can say now."""
        ...


class Directory(Protocol):
    """Alerting's own copy of what directory says about schools and users."""

    @property
    def loaded(self) -> bool:
        """Whether everything that directory had said was taken in once."""
        ...

    def schools(self) -> Sequence[str]:
        """Every school known."""
        ...

    def shard_of(self, tenant: str) -> int:
        """The school's shard. Raises TransientError for a school that the copy lacks."""
        ...

    async def know(self, tenant: str) -> None:
        """Wait a moment for a school that was made just now. Raises TransientError."""
        ...

    def time_zone_of(self, tenant: str) -> str:
        """The school's IANA time zone."""
        ...

    def on_duty(self, tenant: str, role: str) -> str | None:
        """The first active user with ``role``."""
        ...

    def has_left(self, tenant: str, user_id: str) -> bool:
        """Whether a user is known to be no longer active."""
        ...


class Timers(Protocol):
    """Timers that survive a crash. Arming the same step again replaces its timer."""

    async def arm(self, tenant: str, escalation_id: str, step: int, at: datetime) -> None:
        """Say at ``at`` that ``step`` is due. Raises TransientError."""
        ...

    async def disarm(self, tenant: str, escalation_id: str) -> None:
        """Drop every timer of the escalation, as far as possible."""
        ...
