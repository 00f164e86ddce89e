"""Squid's native access log to page visits and searches.

Format: ``time elapsed client code/status bytes method URL user peer type``
(Squid wiki, Features/LogFormat, "squid").
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

from contracts.activity import Activity, Batch, Kind

FIELDS = 10
WINDOW_MS = 300_000
"""One batch holds one user's lines of five minutes."""
MOST_IN_BATCH = 200

_SEARCH = {
    "www.google.com": "q",
    "www.google.co.uk": "q",
    "www.bing.com": "q",
    "duckduckgo.com": "q",
    "www.youtube.com": "search_query",
    "search.yahoo.com": "p",
    "www.ecosia.org": "q",
}
_NOT_PAGES = ("text/javascript", "text/css", "image/", "font/", "application/javascript")


@dataclass(frozen=True, slots=True)
class Line:
    """One request. ``user`` is ``-`` when the proxy did not know it."""

    number: int
    at_ms: int
    method: str
    url: str
    user: str
    content_type: str


class LogError(ValueError):
    """A line that is not Squid's native format; names the line."""


def parse(lines: Iterable[str]) -> Iterator[Line]:
    """Read lines, numbered from 1. Raises LogError for the first that is no log line."""
    for number, text in enumerate(lines, start=1):
        parts = text.split()
        if not parts:
            continue
        if len(parts) < FIELDS:
            raise LogError(f"line {number} has {len(parts)} fields instead of {FIELDS}")
        try:
            at_ms = round(float(parts[0]) * 1000)
        except ValueError:
            raise LogError(f"line {number} does not begin with a time") from None
        yield Line(number, at_ms, parts[5], parts[6], parts[7], parts[9])


def as_activity(line: Line) -> Activity | None:
    """The visit or search, or None for what nobody did on purpose (scripts, pictures, no user)."""
    if line.user == "-" or line.content_type.startswith(_NOT_PAGES):
        return None
    if line.method == "CONNECT":
        host = line.url.rpartition(":")[0]
        return _activity(line, Kind.PAGE_VISIT, f"https://{host}/", "")
    parts = urlsplit(line.url)
    parameter = _SEARCH.get(parts.hostname or "")
    words = parse_qs(parts.query).get(parameter, [""])[0] if parameter else ""
    return _activity(line, Kind.SEARCH if words else Kind.PAGE_VISIT, line.url, words)


def _activity(line: Line, kind: Kind, url: str, text: str) -> Activity:
    return Activity(
        # Line numbers begin again with each log; with its time a line is one for good.
        id=f"squid:{line.at_ms}:{line.number}",
        occurred_at_ms=line.at_ms,
        kind=kind,
        login=line.user,
        application="squid",
        url=url[:4096],
        text=text,
    )


def batches(lines: Iterable[Line]) -> Iterator[tuple[int, Batch]]:
    """One user's activities of five minutes a batch, with the time of its last line.

    The batch id names the first line, so reading the same log again gives the same batches.
    """
    open_: dict[str, list[Activity]] = {}
    for line in lines:
        activity = as_activity(line)
        if activity is None:
            continue
        held = open_.get(activity.login)
        if held and (
            activity.occurred_at_ms - held[0].occurred_at_ms > WINDOW_MS
            or len(held) >= MOST_IN_BATCH
        ):
            yield _batch(open_.pop(activity.login))
        open_.setdefault(activity.login, []).append(activity)
    for held in open_.values():
        yield _batch(held)


def _batch(activities: list[Activity]) -> tuple[int, Batch]:
    name = activities[0].id.replace(":", "-")
    return activities[-1].occurred_at_ms, Batch(batch_id=name, activities=activities)
