"""Evaluates lines of JSON, one activity a line: what ``vigil evaluate`` does.

A malformed line gives an error with its number, field and remedy; the others are evaluated.
"""

import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Annotated

import msgspec

from contracts.activity import MAX_TEXT, Activity, Kind
from services.policy.evaluation.domain.evaluate import evaluate
from services.policy.evaluation.domain.evaluation import Evaluation
from services.policy.evaluation.domain.finding import Finding
from services.policy.evaluation.domain.policy import RosterFacts

_FIELD = re.compile(r"\$\.(\w+)|field `(\w+)`")
_BOM = b"\xef\xbb\xbf"


class Found(msgspec.Struct, frozen=True, omit_defaults=True):
    """One finding in a line. ``span`` counts characters of ``field``; ``why`` is for a teacher."""

    theme: str
    severity: int
    confidence: float
    rule: str
    span: tuple[int, int]
    why: str
    field: str = "text"


class LineResult(msgspec.Struct, frozen=True):
    """What was found in a line; ``severity`` is the highest, 0 where there is nothing."""

    id: str
    severity: int
    findings: tuple[Found, ...]


class LineError(msgspec.Struct, frozen=True):
    """Why a line was not evaluated. ``line`` counts from 1; ``field`` is empty for the whole line.

    It never quotes the line: lines hold pupils' words.
    """

    line: int
    field: str
    error: str
    remedy: str


class _Line(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    id: Annotated[str, msgspec.Meta(min_length=1, max_length=256)]
    text: Annotated[str, msgspec.Meta(max_length=MAX_TEXT)]
    kind: Kind = Kind.TEXT_TYPED
    url: Annotated[str, msgspec.Meta(max_length=4096)] = ""
    title: Annotated[str, msgspec.Meta(max_length=4096)] = ""
    year_group: Annotated[int, msgspec.Meta(ge=0, le=14)] | None = None
    person: str = ""
    conversation: str = ""
    counterpart: str = ""
    occurred_at: int | datetime | None = None


_REMEDIES = {
    "": "write one JSON object a line, with at least id and text",
    "id": "give each line an id: a string of 1 to 256 characters",
    "text": f"give text as a string of at most {MAX_TEXT} characters; it may be empty",
    "kind": "use one of " + ", ".join(Kind),
    "url": "give url as a string of at most 4096 characters, or leave it out",
    "title": "give title as a string of at most 4096 characters, or leave it out",
    "year_group": "give year_group as a whole number from 0 (Reception) to 14, or leave it out",
    "occurred_at": "give occurred_at in RFC 3339 or as milliseconds since 1970, or leave it out",
}


def evaluate_lines(
    lines: Iterable[bytes], evaluation: Evaluation
) -> Iterator[LineResult | LineError]:
    """Yield a result or an error for each line that isn't blank, in order."""
    decoder = msgspec.json.Decoder(_Line)
    for number, raw in enumerate(lines, 1):
        content = raw.removeprefix(_BOM).strip() if number == 1 else raw.strip()
        if not content:
            continue
        try:
            line = decoder.decode(content)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            yield _error(number, error)
        else:
            yield _result(line, evaluation)


def _result(line: _Line, evaluation: Evaluation) -> LineResult:
    activity = Activity(
        id=line.id,
        occurred_at_ms=_milliseconds(line.occurred_at),
        kind=line.kind,
        login=line.person,
        url=line.url,
        title=line.title,
        text=line.text,
        conversation=line.conversation,
        counterpart=line.counterpart,
    )
    findings = evaluate(activity, RosterFacts(year_group=line.year_group), evaluation)
    severity = max((finding.severity for finding in findings), default=0)
    return LineResult(line.id, severity, tuple(_found(finding) for finding in findings))


def _found(finding: Finding) -> Found:
    span = finding.spans[0]
    return Found(
        theme=finding.theme,
        severity=finding.severity,
        confidence=finding.confidence,
        rule=finding.rule_id,
        span=(span.start, span.end),
        why=finding.explanation.sentence,
        field=span.field,
    )


def _milliseconds(moment: int | datetime | None) -> int:
    if isinstance(moment, datetime):
        return int(moment.timestamp() * 1000)
    return moment or 0


def _error(number: int, error: Exception) -> LineError:
    match = _FIELD.search(str(error))
    field = (match[1] or match[2]) if match else ""
    if not isinstance(error, msgspec.ValidationError):
        return LineError(number, "", "the line is not JSON in UTF-8", _REMEDIES[""])
    if "unknown field" in str(error):
        remedy = "remove the field; known are " + ", ".join(_Line.__struct_fields__)
        return LineError(number, field, "the field is not known", remedy)
    if "missing" in str(error):
        return LineError(number, field, "the field is missing", _REMEDIES.get(field, _REMEDIES[""]))
    remedy = _REMEDIES.get(field, "give it as a string, or leave it out")
    return LineError(number, field, "the value does not fit", remedy)
