"""Finds a pack's phrases: Hyperscan looks for their words, ``re`` confirms the phrases.

Hyperscan has no Unicode word boundary and compiles whole sentence patterns slowly, so its database
holds only the words a phrase can't do without. An entry is tried with its exact expression where
all of its words are there; that settles boundaries and places.
"""

import re
from collections.abc import Iterator, Sequence

import hyperscan
import msgspec

from services.policy.evaluation.domain.anchors import Branch, commonness
from services.policy.evaluation.domain.detector import Hit
from services.policy.evaluation.domain.pack import Entry, Pack
from services.policy.evaluation.domain.view import View

_MOST_PER_ENTRY = 8
"""Hits taken of one entry in a window: a text that repeats itself says no more by it."""

_SHORT = 4
"""Letters below which words read in a disguise are too likely an accident."""

_MOST_NEEDS = 4
"""Sets of words looked up for one branch of a phrase; ``re`` asks for the rest."""

_WINDOW = 600
_OVERLAP = 200
"""Characters read at once of a long text, and of the part before read again: a whole essay holds
the words of nearly every phrase, so that each would be tried; no phrase is longer than the overlap.
"""


class _Plan(msgspec.Struct, frozen=True, gc=False):
    """An entry's number, and the sets of words of which a text must hold one each."""

    number: int
    needs: tuple[frozenset[int], ...]


class LexiconDetector:
    """The words of one pack as one Hyperscan database, in memory."""

    name = "lexicon-1"

    def __init__(self, pack: Pack) -> None:
        self._entries: tuple[Entry, ...] = (*pack.allowed, *pack.entries)
        self._words: dict[str, int] = {}
        self._plans: dict[int, list[_Plan]] = {}
        self._exact: dict[int, re.Pattern[str]] = {}
        for number, entry in enumerate(self._entries):
            for branch in entry.compiled.branches:
                self._plan(number, branch)
        self._database = hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK)
        self._database.compile(
            expressions=[_expression(word) for word in self._words],
            ids=list(self._words.values()),
            flags=[hyperscan.HS_FLAG_SINGLEMATCH] * len(self._words),
        )
        self._scratch = hyperscan.Scratch(self._database)

    def detect(self, views: Sequence[View]) -> list[Hit]:
        """Return the confirmed hits in ``views``; allowed phrases are among them."""
        hits: list[Hit] = []
        for place, view in enumerate(views):
            if len(view.text) <= _WINDOW + _OVERLAP:
                hits.extend(self._read(view, 0, len(view.text), disguised=place > 0))
            else:
                read: dict[tuple[str, int], Hit] = {}
                for start, end in _windows(view.text):
                    for hit in self._read(view, start, end, disguised=place > 0):
                        read.setdefault((hit.entry.rule_id, hit.start), hit)
                hits.extend(read.values())
        return hits

    def _read(self, view: View, start: int, end: int, *, disguised: bool) -> Iterator[Hit]:
        words = self._scan(view.text[start:end])
        for number in self._candidates(words) if words else ():
            yield from self._confirm(number, view, start, end, disguised=disguised)

    def _scan(self, text: str) -> set[int]:
        words: set[int] = set()

        def collect(word: int, _start: int, _end: int, _flags: int, _context: object) -> None:
            words.add(word)

        self._database.scan(
            f" {text} ".encode("utf-8", "replace"),
            match_event_handler=collect,
            scratch=self._scratch,
        )
        return words

    def _plan(self, number: int, branch: Branch) -> None:
        needs = tuple(
            frozenset(self._words.setdefault(word, len(self._words)) for word in anchors)
            for anchors in sorted(branch, key=commonness)[:_MOST_NEEDS]
        )
        plan = _Plan(number, needs[1:])
        for word in needs[0]:
            self._plans.setdefault(word, []).append(plan)

    def _candidates(self, words: set[int]) -> list[int]:
        found: set[int] = set()
        for word in words:
            for plan in self._plans.get(word, ()):
                if plan.number not in found and not any(map(words.isdisjoint, plan.needs)):
                    found.add(plan.number)
        return sorted(found)

    def _confirm(
        self, number: int, view: View, start: int, end: int, *, disguised: bool
    ) -> Iterator[Hit]:
        entry = self._entries[number]
        exact = self._exact.get(number)
        if exact is None:
            exact = self._exact[number] = re.compile(entry.expression)
        for count, match in enumerate(exact.finditer(view.text, start, end), 1):
            if not (disguised and entry.theme and len(match[0]) < _SHORT):
                yield Hit(entry, view, match.start(), match.end())
            if count == _MOST_PER_ENTRY:
                return


def _windows(text: str) -> Iterator[tuple[int, int]]:
    """Cut a long text at spaces, each part beginning within the part before."""
    start = 0
    while True:
        space = text.find(" ", start + _WINDOW, start + 2 * _WINDOW)
        end = space if space >= 0 else min(len(text), start + 2 * _WINDOW)
        yield start, end
        if end == len(text):
            return
        start = max(text.rfind(" ", start, end - _OVERLAP), end - 2 * _OVERLAP)


def _expression(word: str) -> bytes:
    """Return the expression of a word in a text with a space at either end.

    Bytes beyond ASCII count as ends of words here: too many candidates are harmless.
    """
    if word.endswith("*"):
        return rf"[^a-z0-9]{re.escape(word[:-1])}".encode()
    return rf"[^a-z0-9]{re.escape(word)}[^a-z0-9]".encode()
