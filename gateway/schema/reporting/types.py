"""Declarations over reporting's messages."""

from datetime import datetime

import strawberry

from contracts.reporting.v1 import reporting_pb2 as rp
from gateway.schema.reading import shows
from gateway.schema.scalars import BigInt


@shows(rp.ResponseTimes)
@strawberry.type(description="Medians; null where nothing has happened yet.")
class ResponseTimes:
    """How long a response took."""

    opened_to_notified_ms: BigInt | None
    opened_to_acknowledged_ms: BigInt | None
    opened_to_closed_ms: BigInt | None


@shows(rp.SummaryRow)
@strawberry.type(description="The incidents of one theme, severity, year group and ISO week.")
class SummaryRow:
    """A row of the summary."""

    theme: str
    severity: int
    year_group: int | None
    week: str = strawberry.field(description='ISO 8601 by the school\'s time zone: "2026-W46".')
    incidents: BigInt
    acknowledged: BigInt
    closed: BigInt
    response: ResponseTimes | None


@shows(rp.GetSummaryResponse)
@strawberry.type(description="What was seen, and how it was responded to.")
class Summary:
    """The summary."""

    rows: list[SummaryRow]
    incidents: BigInt
    as_at: datetime | None
    response: ResponseTimes | None
