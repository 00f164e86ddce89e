"""What reporting needs from outside."""

from collections.abc import Sequence
from typing import Protocol

from services.reporting.domain.change import Change
from services.reporting.domain.group import Group
from services.reporting.domain.position import Position


class Facts(Protocol):
    """The facts of all incidents. Every method raises TransientError while the store is away."""

    async def apply(
        self, stream: str, at: Position, previous: int | None, tenant: str, change: Change
    ) -> None:
        """Write ``change`` and, with it, that ``stream`` was read up to ``at``.

        Does nothing when ``stream`` was already read as far. ``previous`` is the number before
        ``at`` as the publisher knows it. Raises ConflictError when the incident is another
        school's.
        """
        ...

    async def read_up_to(self, stream: str, shard: int) -> int:
        """The number that ``stream`` was read up to; 0 for nothing."""
        ...

    async def groups(self, tenant: str, from_ms: int, before_ms: int) -> Sequence[Group]:
        """A school's incidents opened from ``from_ms`` and before ``before_ms``; 0 is open."""
        ...
