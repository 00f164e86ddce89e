"""What one message changes of one incident's facts."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Change:
    """Set some ``facts`` of the incident, and keep the ``earliest`` of others.

    Changes that come from different streams touch different facts, so their order does not matter.
    """

    incident_id: str
    facts: Mapping[str, int | str] = field(default_factory=dict)
    earliest: Mapping[str, int] = field(default_factory=dict)

    @property
    def counts(self) -> bool:
        """Whether there is anything to write."""
        return bool(self.facts or self.earliest)
