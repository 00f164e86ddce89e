"""Record what a message changes, once, however often it comes."""

from services.reporting.application.ports import Facts
from services.reporting.domain.change import Change
from services.reporting.domain.position import Position


async def record(
    facts: Facts, stream: str, position: str, previous: str, tenant: str, change: Change
) -> None:
    """Apply ``change`` unless ``stream`` was already read up to ``position``.

    Raises InvalidError for a message without a position: it could not be told from its double.
    """
    at = Position.parse(position)
    await facts.apply(stream, at, int(previous) if previous.isdecimal() else None, tenant, change)
