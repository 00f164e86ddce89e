"""Percentiles, medians and the tables of a report."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least ``share`` (0 to 1) of the values do not exceed.

    The nearest-rank definition: always one of the values. ValueError where there are none.
    """
    if not values:
        raise ValueError("no values, no percentile")
    if not 0 <= share <= 1:
        raise ValueError(f"{share} is not a share from 0 to 1")
    ordered = sorted(values)
    # Counted in thousandths, because 0.29 * 100 is a little more than 29.
    rank = -(-round(share * 1000) * len(ordered) // 1000)
    return ordered[max(rank, 1) - 1]


@dataclass(frozen=True)
class Summary:
    """A distribution in the unit of its values; all 0 where ``n`` is 0."""

    n: int
    p50: float
    p99: float
    most: float


def summary(values: Sequence[float]) -> Summary:
    """What is told of ``values``."""
    if not values:
        return Summary(0, 0.0, 0.0, 0.0)
    return Summary(len(values), percentile(values, 0.5), percentile(values, 0.99), max(values))


def in_ms(pairs: Iterable[tuple[float | None, float | None]]) -> Summary:
    """Milliseconds from the first to the second moment (seconds) of each pair that has both."""
    return summary([(b - a) * 1000 for a, b in pairs if a is not None and b is not None])


def ratio(changed: Sequence[float], plain: Sequence[float]) -> float:
    """The median over rounds of changed / plain: rounds alternate, so a busy moment hits both."""
    return median(c / p for c, p in zip(changed, plain, strict=True))


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A Markdown table. Floats get three significant digits."""
    lines = [head, ["---"] * len(head), *([_cell(cell) for cell in row] for row in rows)]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _cell(value: object) -> str:
    if isinstance(value, Summary):
        return f"{_number(value.p50)} / {_number(value.p99)}" if value.n else "-"
    if isinstance(value, float):
        return _number(value)
    return f"{value:,}" if isinstance(value, int) else str(value)


def _number(value: float) -> str:
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"
