"""Scalars beside GraphQL's own, and times on their way in."""

from datetime import datetime
from typing import NewType

import strawberry
from strawberry.types.scalar import ScalarDefinition

from chassis.errors import InvalidError

BigInt = NewType("BigInt", int)
"""GraphQL's Int ends at 2^31: 24 days in milliseconds."""

_LARGEST = 2**53


def _parse(value: object) -> BigInt:
    if not isinstance(value, int) or isinstance(value, bool) or abs(value) > _LARGEST:
        raise ValueError("a BigInt is a whole number of up to 53 bits")
    return BigInt(value)


SCALARS: dict[object, ScalarDefinition] = {
    BigInt: strawberry.scalar(
        name="BigInt",
        description="A whole number of up to 53 bits as a JSON number: counts and milliseconds.",
        serialize=int,
        parse_value=_parse,
    )
}


def to_ms(moment: datetime | None) -> int | None:
    """Milliseconds since the epoch; InvalidError for a time that does not name its zone."""
    if moment is None:
        return None
    if moment.tzinfo is None:
        raise InvalidError("time_without_zone", "write the time with its zone, such as …T09:00:00Z")
    return int(moment.timestamp() * 1000)
