"""Queries that reporting answers."""

from datetime import datetime
from typing import Annotated

import strawberry

from contracts.reporting.v1 import reporting_pb2 as rp
from gateway.schema.context import Info
from gateway.schema.fields import answered
from gateway.schema.reporting.types import Summary
from gateway.schema.scalars import to_ms


@strawberry.type
class ReportingQueries:
    """Figures."""

    @answered("Incidents opened from (inclusive) and before (exclusive).")
    async def summary(
        self,
        info: Info,
        from_: Annotated[datetime | None, strawberry.argument(name="from")] = None,
        before: datetime | None = None,
        after_position: str | None = None,
    ) -> Summary | None:
        """Ask reporting; InvalidError for a time without a zone."""
        request = rp.GetSummaryRequest(
            from_ms=to_ms(from_) or 0,
            before_ms=to_ms(before) or 0,
            after_position=after_position or "",
        )
        return await info.context.show(Summary, request)
