"""Judges what clients were told and what readers saw against what the store holds. Pure."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from tests.chaos.facts import Attempt, Event, Key, Outcome, Reader, Stored


class Kind(StrEnum):
    """What can be wrong."""

    LOST = "acknowledged but absent"
    HALF = "half a commit"
    GAP = "gap in the numbering"
    OVERLAP = "overlap in the numbering"
    DUPLICATE = "recorded twice"
    MISNUMBERED = "acknowledged under other positions"
    FALSE_CONFLICT = "refused although nobody else holds a version"
    OWN_CONFLICT = "refused although recorded"
    NOT_AWAY = "recorded although said not to be"
    STRANGER = "recorded but never asked for"
    VERSIONS = "versions of an aggregate out of order"
    REAL_TIME = "recorded before what was acknowledged earlier"
    READER_SKIPPED = "a reader skipped"
    READER_REPEATED = "a reader went back"
    READER_DIFFERS = "a reader saw something else"
    READER_BEHIND = "a reader did not arrive"


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong, and where."""

    kind: Kind
    where: str


@dataclass(frozen=True)
class Verdict:
    """All that is wrong, and the figures of the run."""

    findings: Sequence[Finding]
    counts: Mapping[str, int]

    @property
    def kinds(self) -> set[Kind]:
        """The kinds of what is wrong."""
        return {finding.kind for finding in self.findings}


def check(
    attempts: Sequence[Attempt], stored: Sequence[Stored], readers: Sequence[Reader] = ()
) -> Verdict:
    """Judge a finished run; ``stored`` is the whole sequence in the order of its numbers."""
    by_name = {attempt.name: attempt for attempt in attempts}
    places: dict[str, list[Stored]] = defaultdict(list)
    for document in stored:
        for name in {event.attempt for event in document.events}:
            places[name].append(document)
    holders = {event.key: by_name.get(event.attempt) for d in stored for event in d.events}
    findings = [
        *_numbering(stored),
        *_versions(stored),
        *(f for d in stored for f in _content(d, by_name)),
        *(f for a in attempts for f in _told(a, places.get(a.name, []), holders)),
        *_real_time(attempts),
    ]
    events = {number: e for d in stored for number, e in enumerate(d.events, start=d.first)}
    for reader in readers:
        findings += _read(reader, events)
    return Verdict(findings, _counts(attempts, stored, places))


def _numbering(stored: Sequence[Stored]) -> Iterator[Finding]:
    expected = 1
    for document in stored:
        if document.first > expected:
            yield Finding(Kind.GAP, f"{expected} to {document.first - 1}")
        elif document.first < expected:
            yield Finding(Kind.OVERLAP, f"{document.first} to {expected - 1}")
        expected = document.first + document.size


def _versions(stored: Sequence[Stored]) -> Iterator[Finding]:
    last: dict[str, int] = {}
    for document in stored:
        for aggregate, version in (event.key for event in document.events):
            if version <= last.get(aggregate, 0):
                yield Finding(Kind.DUPLICATE, f"{aggregate} version {version} at {document.first}")
            elif version > last.get(aggregate, 0) + 1:
                yield Finding(Kind.VERSIONS, f"{aggregate} version {version} at {document.first}")
            last[aggregate] = max(version, last.get(aggregate, 0))


def _content(document: Stored, by_name: Mapping[str, Attempt]) -> Iterator[Finding]:
    """A document holds all events of one attempt, in their order, and nothing else."""
    names = {event.attempt for event in document.events}
    for name in names - by_name.keys():
        yield Finding(Kind.STRANGER, f"{name} at {document.first}")
    keys = tuple(event.key for event in document.events)
    whole = {by_name[name].keys for name in names & by_name.keys()} or {keys}
    if len(names) != 1 or document.size != len(keys) or whole != {keys}:
        yield Finding(Kind.HALF, f"{', '.join(sorted(names)) or 'nothing'} at {document.first}")


def _told(
    attempt: Attempt, places: Sequence[Stored], holders: Mapping[Key, Attempt | None]
) -> Iterator[Finding]:
    """What the client was told is true."""
    if len(places) > 1:
        yield Finding(Kind.DUPLICATE, f"{attempt.name} at {[d.first for d in places]}")
    if attempt.outcome is Outcome.OK:
        if not places:
            yield Finding(Kind.LOST, attempt.name)
        elif all(tuple(range(d.first, d.first + d.size)) != attempt.ids for d in places):
            yield Finding(Kind.MISNUMBERED, f"{attempt.name}: {attempt.ids}, is {places[0].first}")
    elif attempt.outcome is Outcome.AWAY and places:
        yield Finding(Kind.NOT_AWAY, attempt.name)
    elif attempt.outcome is Outcome.REFUSED:
        if places:
            yield Finding(Kind.OWN_CONFLICT, attempt.name)
        elif not any(_held_by_another(attempt, holders.get(key)) for key in attempt.keys):
            yield Finding(Kind.FALSE_CONFLICT, attempt.name)


def _held_by_another(attempt: Attempt, holder: Attempt | None) -> bool:
    # Whoever began only after the refusal can't be its cause.
    if holder is None or holder is attempt:
        return False
    return attempt.ended is None or holder.invoked <= attempt.ended


def _real_time(attempts: Sequence[Attempt]) -> Iterator[Finding]:
    """What was acknowledged before an attempt began stands before it in the sequence."""
    done = [a for a in attempts if a.outcome is Outcome.OK and a.ids]
    ended = iter(sorted(((a.ended or a.invoked), a.ids[-1], a.name) for a in done))
    earlier = next(ended, None)
    highest, name = 0, ""
    for attempt in sorted(done, key=lambda a: a.invoked):
        while earlier is not None and earlier[0] < attempt.invoked:
            highest, name = max((highest, name), earlier[1:])
            earlier = next(ended, None)
        if attempt.ids[0] <= highest:
            yield Finding(Kind.REAL_TIME, f"{attempt.name} at {attempt.ids[0]}, after {name}")


def _read(reader: Reader, events: Mapping[int, Event]) -> Iterator[Finding]:
    """All readers see the same: every event of the sequence once, in its order."""
    expected = 1
    for position, event in reader.seen:
        where = f"{reader.name} at {position}"
        if position > expected:
            yield Finding(Kind.READER_SKIPPED, f"{where}, expected {expected}")
        elif position < expected:
            yield Finding(Kind.READER_REPEATED, f"{where}, expected {expected}")
        if events.get(position) != event:
            yield Finding(Kind.READER_DIFFERS, where)
        expected = position + 1
    if expected <= max(events, default=0):
        yield Finding(Kind.READER_BEHIND, f"{reader.name} at {expected - 1} of {max(events)}")


def _counts(
    attempts: Sequence[Attempt], stored: Sequence[Stored], places: Iterable[str]
) -> dict[str, int]:
    recorded = set(places)
    told = Counter(attempt.outcome for attempt in attempts)
    unknown = {a.name for a in attempts if a.outcome is Outcome.UNKNOWN}
    return {
        "attempts": len(attempts),
        **{outcome.value: told[outcome] for outcome in Outcome},
        "unknown_recorded": len(unknown & recorded),
        "unknown_absent": len(unknown - recorded),
        "commits": len(stored),
        "events": sum(len(document.events) for document in stored),
    }
