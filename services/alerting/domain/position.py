"""Where a message stands in the store that said it: ``<shard>:<n>``."""

import re
from dataclasses import dataclass

from chassis.errors import InvalidError

_FORM = re.compile(r"^(\d{1,2}):(\d{1,18})$")


@dataclass(frozen=True, slots=True)
class Position:
    """The n-th event of a shard."""

    shard: int
    n: int

    @classmethod
    def parse(cls, text: str) -> "Position":
        """``"3:17"`` as a position. Raises InvalidError for anything else."""
        found = _FORM.match(text)
        if found is None:
            raise InvalidError("bad_position", "the position is not <shard>:<n>")
        return cls(int(found[1]), int(found[2]))

    def __str__(self) -> str:
        return f"{self.shard}:{self.n}"

    def is_after(self, other: "Position") -> bool:
        """Whether this was said later.

        Positions of two shards do not compare; a school changes its shard only by being moved,
        so what comes from the other shard counts as later: a needless stop is seen, and a needed
        one is not lost.
        """
        return self.shard != other.shard or self.n > other.n
