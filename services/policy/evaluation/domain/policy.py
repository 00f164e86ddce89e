"""What a school decided about monitoring, and what the roster says about the person."""

from typing import Annotated, Literal

import msgspec

Role = Literal["pupil", "staff", "unknown"]
Severity = Annotated[int, msgspec.Meta(ge=1, le=5)]


class Policy(msgspec.Struct, frozen=True):
    """A school's published policy, as far as evaluation needs it.

    ``minimum_severity`` is the lowest severity (1-5) reported. Staff are evaluated only where the
    school has switched that on.
    """

    version: int
    pack_id: str = "en_gb"
    pack_version: str = "*"
    staff_enabled: bool = False
    minimum_severity: Severity = 1


class RosterFacts(msgspec.Struct, frozen=True):
    """What the roster knew about the person when the activity was evaluated.

    ``year_group`` counts English years: 0 is Reception, 13 the upper sixth.
    """

    role: Role = "unknown"
    year_group: int | None = None

    def evaluated(self, policy: Policy) -> bool:
        """Whether this person is evaluated. An unknown role is treated as a pupil's."""
        return self.role != "staff" or policy.staff_enabled
