"""``GET /v1/reports/summary.csv``: the summary for a spreadsheet."""

import csv
import io
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from chassis.bus.bus import Bus
from chassis.errors import InvalidError
from chassis.telemetry.handlers import handling
from contracts.reporting.v1 import reporting_pb2 as rp
from gateway.schema.reading import read
from gateway.schema.scalars import to_ms
from gateway.security.sign_in import signed_in

ROUTE = "/v1/reports/summary.csv"
COLUMNS = (
    "week",
    "theme",
    "severity",
    "year_group",
    "incidents",
    "acknowledged",
    "closed",
    "opened_to_notified_ms",
    "opened_to_acknowledged_ms",
    "opened_to_closed_ms",
)
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
"""A cell that begins so is run by spreadsheets (OWASP, CSV Injection)."""


def router(bus: Bus) -> APIRouter:
    """The route."""
    routes = APIRouter()

    @routes.get(
        ROUTE,
        summary="Incidents by week, theme, severity and year group",
        response_class=Response,
        responses={200: {"content": {"text/csv": {}}}},
    )
    async def summary(
        request: Request,
        from_: Annotated[str | None, Query(alias="from")] = None,
        before: str | None = None,
    ) -> Response:
        """Opened from (inclusive) and before (exclusive), both RFC 3339; medians in ms."""
        with handling("http", f"GET {ROUTE}", dict(request.headers)):
            _, token = signed_in(request, bus.verifier)
            asked = rp.GetSummaryRequest(
                from_ms=_moment("from", from_), before_ms=_moment("before", before)
            )
            reply = await bus.ask(asked, rp.GetSummaryResponse, token=token)
        return Response(
            as_csv(reply),
            media_type="text/csv; charset=utf-8",
            headers={"Content-Disposition": 'attachment; filename="summary.csv"'},
        )

    return routes


def as_csv(summary: rp.GetSummaryResponse) -> str:
    """The rows of a summary under a header line."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    for row in summary.rows:
        writer.writerow(safe(_cell(row, column)) for column in COLUMNS)
    return out.getvalue()


def safe(value: object) -> str:
    """A cell that no spreadsheet takes for a formula."""
    text = str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text


def _cell(row: rp.SummaryRow, column: str) -> object:
    value = read(row.response if column.endswith("_ms") else row, column)
    return "" if value is None else value


def _moment(name: str, given: str | None) -> int:
    if not given:
        return 0
    try:
        moment = datetime.fromisoformat(given)
    except ValueError:
        raise InvalidError("bad_time", f"{name} is a time such as 2026-11-24T00:00:00Z") from None
    return to_ms(moment) or 0
