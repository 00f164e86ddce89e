"""What evaluation says about one activity, with the explanation a teacher reads."""

import uuid

import msgspec

_NAMESPACE = uuid.UUID("6f0b8e0c-6c0e-5d55-9d0a-6a1f1d1f6b1e")


class Span(msgspec.Struct, frozen=True):
    """Where the words stand: characters ``start`` to ``end`` (exclusive) of an activity's field."""

    field: str
    start: int
    end: int


class Step(msgspec.Struct, frozen=True):
    """One change of severity: the context rule, severity before and after, and why, in words."""

    rule: str
    before: int
    after: int
    because: str


class Facets(msgspec.Struct, frozen=True):
    """Sides of a finding that are not its theme. Empty means: not said."""

    four_c: str = ""
    intent: str = "unclear"
    role: str = "unclear"
    protected: str = ""
    ideology: str = ""
    imminence: str = ""


class Explanation(msgspec.Struct, frozen=True):
    """Why there is a finding. It quotes the activity, so it is sealed wherever it is stored.

    ``phrase`` is as the pack writes it, ``matched`` the raw text it matched, ``disguises`` what
    had to be undone to read it; ``role`` and ``year_group`` are the roster facts used.
    """

    phrase: str
    matched: str
    disguises: tuple[str, ...]
    base_severity: int
    steps: tuple[Step, ...]
    note: str
    sentence: str
    role: str
    year_group: int | None


class Finding(msgspec.Struct, frozen=True):
    """One theme found in one activity. ``severity`` is 1-5, ``confidence`` 0-1.

    ``rule_id`` is a number in a pack and holds no captured word, so it may stand in clear fields.
    """

    theme: str
    family: str
    severity: int
    confidence: float
    rule_id: str
    spans: tuple[Span, ...]
    facets: Facets
    explanation: Explanation


def finding_id(device_id: str, activity_id: str, evaluation_hash: str, rule_id: str) -> str:
    """Return the same UUID for the same finding, however often it is derived."""
    parts = f"{device_id}\x1f{activity_id}\x1f{evaluation_hash}\x1f{rule_id}"
    return str(uuid.uuid5(_NAMESPACE, parts))
