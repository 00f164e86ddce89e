"""The port of detectors: a detector is one file in ``adapters/detectors`` behind it."""

from collections.abc import Sequence
from typing import Protocol

import msgspec

from services.policy.evaluation.domain.pack import Entry
from services.policy.evaluation.domain.view import View


class Hit(msgspec.Struct, frozen=True, gc=False):
    """An entry found in a view, from character ``start`` to ``end`` of the view's text."""

    entry: Entry
    view: View
    start: int
    end: int

    @property
    def raw_span(self) -> tuple[int, int]:
        """Where the words stand in the raw text."""
        return self.view.raw_span(self.start, self.end)


class Detector(Protocol):
    """Finds entries in the views of one field. Same views, same hits, in the same order."""

    @property
    def name(self) -> str:
        """A stable name with version; it is part of the evaluation's hash."""

    def detect(self, views: Sequence[View]) -> list[Hit]:
        """Return the hits in ``views``."""
