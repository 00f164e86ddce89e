"""The arithmetic of the benchmarks; what they measure is not asserted anywhere."""

from importlib import import_module
from pathlib import Path
from types import ModuleType

import click
import pytest

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


@pytest.fixture
def figures(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    # The benchmarks are programs, not a package: they find each other in their own folder.
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    return import_module("figures")


@pytest.mark.parametrize(
    ("values", "share", "expected"),
    [
        ([7.0], 0.5, 7.0),
        ([1.0, 2.0], 0.5, 1.0),
        ([3.0, 1.0, 2.0], 0.5, 2.0),
        ([float(n) for n in range(1, 101)], 0.99, 99.0),
        ([float(n) for n in range(1, 101)], 0.29, 29.0),
        ([1.0, 2.0, 3.0], 0.99, 3.0),
        ([1.0, 2.0, 3.0], 0.0, 1.0),
    ],
)
def test_a_percentile_is_the_nearest_rank(
    figures: ModuleType, values: list[float], share: float, expected: float
) -> None:
    assert figures.percentile(values, share) == expected


@pytest.mark.parametrize(("values", "share"), [([], 0.5), ([1.0], 1.5)])
def test_there_is_no_percentile_of_nothing_or_beyond_all(
    figures: ModuleType, values: list[float], share: float
) -> None:
    with pytest.raises(ValueError, match=r"percentile|share"):
        figures.percentile(values, share)


def test_a_moment_that_was_not_seen_is_left_out(figures: ModuleType) -> None:
    told = figures.in_ms([(1.0, 1.5), (1.0, None), (None, 2.0)])
    assert (told.n, told.p50, told.most) == (1, 500.0, 500.0)
    assert figures.in_ms([]).n == 0


def test_a_ratio_is_the_median_of_the_rounds_own(figures: ModuleType) -> None:
    # A busy second round makes both slower and does not count for more.
    assert figures.ratio([2.0, 30.0, 2.2], [1.0, 10.0, 1.0]) == 2.2


def test_a_table_is_markdown(figures: ModuleType) -> None:
    rows = [("1,000", 12_345, 0.1234, figures.summary([1.0, 20.0]), figures.summary([]))]
    assert figures.table(("a", "b", "c", "d", "e"), rows).splitlines() == [
        "| a | b | c | d | e |",
        "| --- | --- | --- | --- | --- |",
        "| 1,000 | 12,345 | 0.12 | 1.00 / 20.0 | - |",
    ]


@pytest.mark.parametrize("text", ["", "fast", "2000,1000", "0,1", "1,1"])
def test_rates_must_rise(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    rates = import_module("options").Rates()
    assert rates.convert("100,2000", None, None) == (100, 2000)
    with pytest.raises(click.BadParameter):
        rates.convert(text, None, None)
