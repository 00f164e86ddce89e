"""The words a phrase can't do without, and how telling they are.

A fast matcher looks for these first: only where they are all there, a phrase is tried in full.
"""

import re

Anchors = frozenset[str]
"""Words of which at least one is there wherever a phrase is; ``cut*`` stands for any ending."""

Branch = tuple[Anchors, ...]
"""A text that matches holds a word of every set; with no set, nothing can be said of it."""

_ORDINARY = frozenset(
    re.findall(
        r"\S+",
        """
        about again after all always and anyone are because been before but can could day did does
        doing don't dont for from get getting give going gonna good got had has have having her
        here him his home how into just know last like look made make makes making more much need
        never not now off one only other our out over people really right said say school see she
        should show some still stop take than that the their them then there they thing think this
        time to told too until very wanna want was way well were what when where which who why
        will with without work would year you your
        """,
    )
)
"""Words of most talk: they tell little, so other words of a phrase are looked for first."""

_TELLING_LENGTH = 3
"""Shorter words are commoner still than the ordinary ones."""


def commonness(anchors: Anchors) -> float:
    """About how often some word of ``anchors`` is said, to compare sets with one another."""
    return sum(_commonness(anchor) for anchor in anchors)


def _commonness(word: str) -> float:
    if len(word) < _TELLING_LENGTH:
        return 3.0
    if word in _ORDINARY:
        return 1.5
    return 0.4 / (len(word) - 2) ** 2
