"""Medians of response times."""

from hypothesis import given
from hypothesis import strategies as st

from services.reporting.domain.medians import median_ms


def test_nothing_has_no_median() -> None:
    assert median_ms([]) is None
    assert median_ms([None, None]) is None


def test_what_has_not_happened_does_not_count() -> None:
    assert median_ms([None, 40, None, 20, 30]) == 30


def test_two_in_the_middle_are_halved_and_rounded_down() -> None:
    assert median_ms([10, 21, 4, 99]) == 15


def test_a_clock_that_is_ahead_counts_as_at_once() -> None:
    assert median_ms([-5]) == 0


@given(st.lists(st.integers(0, 10**12), min_size=1))
def test_half_lie_on_either_side_in_any_order(values: list[int]) -> None:
    middle = median_ms(values)
    assert middle is not None
    assert middle == median_ms(reversed(values))
    assert sum(v < middle for v in values) <= len(values) / 2
    assert sum(v > middle + 1 for v in values) <= len(values) / 2
