"""Medians: one forgotten incident must not hide how a school usually answers, as a mean would."""

from collections.abc import Iterable
from statistics import median


def median_ms(durations: Iterable[int | None]) -> int | None:
    """The median of the ``durations`` there are, in whole milliseconds; None without any.

    A duration below nothing counts as nothing: two services' clocks may differ.
    """
    known = [max(0, duration) for duration in durations if duration is not None]
    return int(median(known)) if known else None
