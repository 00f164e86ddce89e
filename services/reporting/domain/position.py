"""Where a message stands in the store it comes from."""

import re
from dataclasses import dataclass

from chassis.errors import InvalidError

_FORM = re.compile(r"(\d{1,2}):(\d{1,18})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Position:
    """The ``number``-th event of a ``shard``."""

    shard: int
    number: int

    @classmethod
    def parse(cls, text: str) -> "Position":
        """Read ``<shard>:<number>``. Raises InvalidError for anything else."""
        match = _FORM.fullmatch(text)
        if match is None:
            raise InvalidError("bad_position", "a position is written as shard:number, e.g. 3:120")
        return cls(int(match[1]), int(match[2]))
