"""A detection pack as evaluation sees it: entries, what is allowed, and cues of context."""

import re
from collections.abc import Mapping
from typing import Literal

import msgspec

from services.policy.evaluation.domain.phrase import Compiled

Strength = Literal["strong", "weak", "needs_context"]
Boundary = Literal["word", "start", "none"]

_BOUNDED: Mapping[str, str] = {"word": r"\b(?:%s)\b", "start": r"\b(?:%s)", "none": "(?:%s)"}
"""Views hold no underscore, so ``\\b`` is the end of a word."""


class Entry(msgspec.Struct, frozen=True, gc=False):
    """One phrase of the pack.

    A *strong* entry speaks for itself; a *weak* one counts one level less until something
    supports it; one that *needs context* is silent unless another entry of its family
    is hit beside it. ``theme`` is empty for allowed phrases,
    which silence the ``silences`` themes (all, where empty) wherever they overlap.
    """

    rule_id: str
    phrase: str
    compiled: Compiled
    theme: str = ""
    severity: int = 1
    strength: Strength = "strong"
    boundary: Boundary = "word"
    note: str = ""
    intent: str = ""
    role: str = ""
    protected: str = ""
    ideology: str = ""
    imminence: str = ""
    silences: tuple[str, ...] = ()

    @property
    def expression(self) -> str:
        """The exact expression with its boundaries, for Python's ``re``."""
        return _BOUNDED[self.boundary] % self.compiled.exact


class Cues(msgspec.Struct, frozen=True):
    """Words that change how a hit is read, one expression a cue, and the texts of their reasons."""

    patterns: Mapping[str, re.Pattern[str]]

    def found(self, cue: str, text: str) -> bool:
        """Whether ``text`` holds a phrase of ``cue``."""
        return self.patterns[cue].search(text) is not None

    def ends(self, cue: str, text: str) -> bool:
        """Whether a phrase of ``cue`` stands within the last words of ``text``."""
        return self.patterns[cue].search(last_words(text, 3)) is not None


class Pack(msgspec.Struct, frozen=True):
    """A pack read and checked. ``files`` maps each file's name to the SHA-256 of its bytes."""

    id: str
    version: str
    language: str
    licence: str
    entries: tuple[Entry, ...]
    allowed: tuple[Entry, ...]
    cues: Cues
    confusables: Mapping[str, str]
    files: Mapping[str, str]


def last_words(text: str, count: int) -> str:
    """Return the last ``count`` words of ``text``, without crossing a sentence's end."""
    tail = re.split(r"[.!?;\n]", text)[-1]
    return " ".join(tail.split()[-count:])
