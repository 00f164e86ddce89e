"""Positions as they are written."""

import pytest

from chassis.errors import InvalidError
from services.reporting.domain.position import Position


def test_a_position_is_read() -> None:
    assert Position.parse("3:120") == Position(3, 120)


@pytest.mark.parametrize("text", ["", "3", "3:", ":4", "a:1", "3:-1", "3:1 ", "3:1\n", "100:1"])
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(InvalidError, match="shard:number"):
        Position.parse(text)
