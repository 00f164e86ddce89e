"""The summary for a spreadsheet."""

import csv
import io
from typing import Any

import pytest

from chassis.bus.answer import answer
from contracts.reporting.v1 import reporting_pb2 as rp


@pytest.fixture
async def reporting(bus_as: Any) -> list[rp.GetSummaryRequest]:
    asked: list[rp.GetSummaryRequest] = []

    async def summary(request: rp.GetSummaryRequest, _: Any) -> Any:
        asked.append(request)
        row = rp.SummaryRow(
            theme="=HYPERLINK(1)", severity=4, week="2026-W48", incidents=3, closed=1
        )
        row.response.opened_to_closed_ms = 3_000_000_000
        return rp.GetSummaryResponse(rows=[row], incidents=3, as_at_ms=1)

    await answer(await bus_as("reporting"), {rp.GetSummaryRequest: summary})
    return asked


async def test_the_summary_as_csv(start: Any, reporting: Any, system: Any, school: str) -> None:
    gateway = await start()
    response = await gateway.http.get(
        "/v1/reports/summary.csv",
        params={"from": "2026-11-24T21:10:00Z"},
        headers={"authorization": f"Bearer {system.user_token(school, 'governor')}"},
    )
    assert response.headers["content-type"] == "text/csv; charset=utf-8"
    assert "summary.csv" in response.headers["content-disposition"]
    (row,) = csv.DictReader(io.StringIO(response.text))
    assert row == {
        "week": "2026-W48",
        "theme": "'=HYPERLINK(1)",
        "severity": "4",
        "year_group": "",
        "incidents": "3",
        "acknowledged": "0",
        "closed": "1",
        "opened_to_notified_ms": "",
        "opened_to_acknowledged_ms": "",
        "opened_to_closed_ms": "3000000000",
    }
    assert (reporting[0].from_ms, reporting[0].before_ms) == (1_795_554_600_000, 0)


async def test_the_same_figures_by_query(
    start: Any, reporting: Any, system: Any, school: str
) -> None:
    gateway = await start()
    answered = await gateway.graphql(
        system.user_token(school, "head"),
        """{ summary(from: "2026-11-24T21:10:00Z", before: "2026-11-25T00:00:00+00:00") {
          incidents rows { severity yearGroup response { openedToNotifiedMs openedToClosedMs } }
          response { openedToClosedMs }
        } }""",
    )
    assert answered["data"]["summary"] == {
        "incidents": 3,
        "rows": [
            {
                "severity": 4,
                "yearGroup": None,
                "response": {"openedToNotifiedMs": None, "openedToClosedMs": 3_000_000_000},
            }
        ],
        "response": None,
    }
    assert reporting[0].before_ms == 1_795_564_800_000


@pytest.mark.usefixtures("reporting")
async def test_refusals(start: Any, system: Any, school: str) -> None:
    gateway = await start()
    for role, params, status, code in (
        ("it", {}, 403, "forbidden"),
        ("head", {"before": "yesterday"}, 422, "bad_time"),
        ("head", {"from": "2026-11-24T00:00:00"}, 422, "time_without_zone"),
    ):
        refused = await gateway.http.get(
            "/v1/reports/summary.csv",
            params=params,
            headers={"authorization": f"Bearer {system.user_token(school, role)}"},
        )
        assert (refused.status_code, refused.json()["code"]) == (status, code)
