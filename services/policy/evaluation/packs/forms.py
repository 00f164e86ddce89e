"""The forms of a pack's files."""

from typing import Annotated

import msgspec

from services.policy.evaluation.domain.pack import Boundary, Strength

Severity = Annotated[int, msgspec.Meta(ge=1, le=5)]
NonEmpty = Annotated[str, msgspec.Meta(min_length=1)]

CUES = (
    "counter_speech",
    "definition",
    "first_person",
    "game",
    "help",
    "joke",
    "lesson",
    "negation",
    "reporting",
    "soon",
    "third_person",
)
"""The cues the context rules ask for: ``cues.toml`` has them all, and no other."""


class About(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``pack.toml``."""

    id: NonEmpty
    version: NonEmpty
    language: NonEmpty
    licence: NonEmpty


class Group(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Phrases of a theme that share severity, strength, note and facets."""

    severity: Severity
    note: NonEmpty
    phrases: list[str]
    strength: Strength = "strong"
    boundary: Boundary = "word"
    intent: str = ""
    role: str = ""
    protected: str = ""
    ideology: str = ""
    imminence: str = ""


class ThemeFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``themes/*.toml``."""

    theme: str
    group: list[Group]


class AllowGroup(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Allowed phrases, and the themes they silence (all, where none is named)."""

    phrases: list[str]
    silences: list[str] = []


class AllowFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``allow.toml``."""

    group: list[AllowGroup]
