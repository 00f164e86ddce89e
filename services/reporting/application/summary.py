"""Sum up a school's incidents by theme, severity, year group and week."""

import asyncio
from collections.abc import Iterable, Sequence

from chassis.errors import InvalidError, TransientError
from contracts.reporting.v1.reporting_pb2 import GetSummaryResponse, ResponseTimes, SummaryRow
from services.reporting.application.ports import Facts
from services.reporting.domain.group import Group
from services.reporting.domain.medians import median_ms
from services.reporting.domain.position import Position

WAIT_S = 5.0
"""A read waits this long for the write it was promised."""
LOOK_EVERY_S = 0.05
INCIDENTS = "INCIDENTS"
"""The stream whose positions clients know: every command on an incident answers one."""


async def summary(
    facts: Facts,
    tenant: str,
    *,
    from_ms: int,
    before_ms: int,
    after_position: str,
    now_ms: int,
    wait_s: float = WAIT_S,
) -> GetSummaryResponse:
    """Counts and median response times of incidents opened in the time asked for.

    Raises InvalidError for a time that ends before it begins, TransientError when
    ``after_position`` (``<shard>:<number>`` of INCIDENTS) is not reached within ``wait_s`` seconds.
    """
    if min(from_ms, before_ms) < 0:
        raise InvalidError("bad_period", "from_ms and before_ms may not be negative")
    if before_ms and from_ms >= before_ms:
        raise InvalidError("bad_period", "from_ms must be before before_ms")
    if after_position:
        await _wait_for(facts, Position.parse(after_position), wait_s)
    groups = await facts.groups(tenant, from_ms, before_ms)
    return GetSummaryResponse(
        rows=[_row(group) for group in groups],
        incidents=sum(group.incidents for group in groups),
        as_at_ms=now_ms,
        response=_response(groups),
    )


async def _wait_for(facts: Facts, position: Position, wait_s: float) -> None:
    deadline = asyncio.get_running_loop().time() + wait_s
    while await facts.read_up_to(INCIDENTS, position.shard) < position.number:
        if asyncio.get_running_loop().time() > deadline:
            raise TransientError("not_there_yet", "the summary is not up to date yet; ask again")
        await asyncio.sleep(LOOK_EVERY_S)


def _row(group: Group) -> SummaryRow:
    return SummaryRow(
        theme=group.theme,
        severity=group.severity,
        year_group=group.year_group,
        week=group.week,
        incidents=group.incidents,
        acknowledged=_happened(group.to_acknowledged),
        closed=_happened(group.to_closed),
        response=_response([group]),
    )


def _happened(durations: Iterable[int | None]) -> int:
    return sum(duration is not None for duration in durations)


def _response(groups: Sequence[Group]) -> ResponseTimes:
    return ResponseTimes(
        opened_to_notified_ms=median_ms(d for g in groups for d in g.to_notified),
        opened_to_acknowledged_ms=median_ms(d for g in groups for d in g.to_acknowledged),
        opened_to_closed_ms=median_ms(d for g in groups for d in g.to_closed),
    )
