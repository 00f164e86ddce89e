"""The week an incident counts in."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from services.reporting.domain.week import iso_week

LONDON = ZoneInfo("Europe/London")


def _ms(iso: str) -> int:
    return int(datetime.fromisoformat(iso).timestamp() * 1000)


@pytest.mark.parametrize(
    ("at", "week"),
    [
        ("2026-11-15T23:59:59+00:00", "2026-W46"),
        ("2026-11-16T00:00:00+00:00", "2026-W47"),
        ("2027-01-03T12:00:00+00:00", "2026-W53"),  # a week belongs to the year of its Thursday
        ("2024-12-30T12:00:00+00:00", "2025-W01"),
        ("2026-06-07T22:59:59+00:00", "2026-W23"),
        ("2026-06-07T23:00:00+00:00", "2026-W24"),  # already Monday by summer time
    ],
)
def test_the_week_is_the_schools_own(at: str, week: str) -> None:
    assert iso_week(_ms(at), LONDON) == week


def test_another_time_zone_may_have_another_week() -> None:
    monday_in_london = _ms("2026-11-16T00:30:00+00:00")
    assert iso_week(monday_in_london, ZoneInfo("Atlantic/Azores")) == "2026-W46"
