"""A text as it is matched, with the way back to the text as it was written."""

import re
from collections.abc import Callable

import msgspec

Piece = tuple[str, int, int]
"""Text that replaces a match, and the part of the match (from, to) it stands for."""


class View(msgspec.Struct, frozen=True, gc=False):
    """``text`` is matched; ``starts`` and ``ends`` give each character's place in the raw text.

    Both are None where the view lies on the raw text character by character.
    """

    field: str
    text: str
    starts: tuple[int, ...] | None = None
    ends: tuple[int, ...] | None = None
    disguises: tuple[str, ...] = ()

    def raw_span(self, start: int, end: int) -> tuple[int, int]:
        """Return where characters ``start`` to ``end`` of the view stand in the raw text."""
        if self.starts is None or self.ends is None or end <= start:
            return start, end
        return self.starts[start], self.ends[end - 1]

    def rewrite(
        self, pattern: re.Pattern[str], replace: Callable[[re.Match[str]], list[Piece]], undone: str
    ) -> "View":
        """Return a view with each match replaced, and what was ``undone`` among its disguises."""
        if pattern.search(self.text) is None:
            return self
        signs: list[str] = []
        starts: list[int] = []
        ends: list[int] = []
        place = 0

        def keep(start: int, end: int) -> None:
            signs.append(self.text[start:end])
            if self.starts is None or self.ends is None:
                starts.extend(range(start, end))
                ends.extend(range(start + 1, end + 1))
            else:
                starts.extend(self.starts[start:end])
                ends.extend(self.ends[start:end])

        for match in pattern.finditer(self.text):
            keep(place, match.start())
            for text, start, end in replace(match):
                raw_start, raw_end = self.raw_span(match.start() + start, match.start() + end)
                signs.append(text)
                starts.extend([raw_start] * len(text))
                ends.extend([raw_end] * len(text))
            place = match.end()
        keep(place, len(self.text))
        text = "".join(signs)
        if text == self.text:
            return self
        disguises = (*self.disguises, undone) if undone else self.disguises
        return View(self.field, text, tuple(starts), tuple(ends), disguises)
