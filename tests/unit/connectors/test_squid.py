"""Squid's log to activities and batches."""

from itertools import pairwise
from pathlib import Path

import pytest

from agents.connectors.squid import (
    MOST_IN_BATCH,
    WINDOW_MS,
    Line,
    LogError,
    as_activity,
    batches,
    parse,
)
from contracts.activity import Kind

DAY = Path(__file__).parents[3] / "demo" / "greenfield" / "day" / "squid.access.log"
TEXT = (
    "1794296704.078    419 10.20.1.77 TCP_MISS/200 10106 GET https://www.bbc.co.uk/news "
    "25.niamh.fletcher HIER_DIRECT/www.bbc.co.uk text/html"
)


def _line(
    url: str = "https://a.example/",
    *,
    user: str = "zoe",
    number: int = 1,
    at_ms: int = 0,
    method: str = "GET",
    content: str = "text/html",
) -> Line:
    return Line(number, at_ms, method, url, user, content)


def test_a_line_is_read() -> None:
    [line] = parse([TEXT])
    assert line == Line(
        1, 1794296704078, "GET", "https://www.bbc.co.uk/news", "25.niamh.fletcher", "text/html"
    )


def test_empty_lines_are_left_out_and_counted() -> None:
    assert [line.number for line in parse(["\n", TEXT, "", TEXT])] == [2, 4]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("1794296704.078 419 x", "line 2 has 3 fields instead of 10"),
        (TEXT.replace("1794296704.078", "10/Nov/2026"), "line 2 does not begin with a time"),
    ],
)
def test_the_first_line_that_is_none_is_named(text: str, reason: str) -> None:
    with pytest.raises(LogError, match=reason):
        list(parse([TEXT, text]))


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("https://www.google.com/search?q=how+to+revise", "how to revise"),
        ("https://www.google.co.uk/search?hl=en&q=caf%C3%A9", "café"),
        ("https://duckduckgo.com/?q=maths", "maths"),
        ("https://www.youtube.com/results?search_query=volcano", "volcano"),
        ("https://search.yahoo.com/search?p=weather", "weather"),
    ],
)
def test_the_words_of_a_search_are_its_text(url: str, words: str) -> None:
    activity = as_activity(_line(url))
    assert activity is not None
    assert (activity.kind, activity.text, activity.url) == (Kind.SEARCH, words, url)


@pytest.mark.parametrize(
    "url", ["https://www.google.com/", "https://www.google.com/search?q=", "https://a.example/?q=x"]
)
def test_what_holds_no_search_is_a_visit(url: str) -> None:
    activity = as_activity(_line(url))
    assert activity is not None
    assert (activity.kind, activity.text) == (Kind.PAGE_VISIT, "")


def test_a_tunnel_shows_its_host_alone() -> None:
    activity = as_activity(_line("www.nhs.uk:443", method="CONNECT", content="-"))
    assert activity is not None
    assert (activity.kind, activity.url) == (Kind.PAGE_VISIT, "https://www.nhs.uk/")


@pytest.mark.parametrize(
    "line",
    [
        _line(user="-"),
        _line(content="text/css"),
        _line(content="image/png"),
        _line(content="text/javascript"),
    ],
)
def test_what_nobody_did_on_purpose_is_left_out(line: Line) -> None:
    assert as_activity(line) is None


def test_a_batch_holds_one_user_and_five_minutes() -> None:
    lines = [
        _line(user="zoe", number=1, at_ms=0),
        _line(user="adam", number=2, at_ms=1_000),
        _line(user="zoe", number=3, at_ms=WINDOW_MS),
        _line(user="zoe", number=4, at_ms=WINDOW_MS + 1),
    ]
    made = [
        (sent, batch.batch_id, [one.id for one in batch.activities])
        for sent, batch in batches(lines)
    ]
    assert made == [
        (WINDOW_MS, "squid-0-1", ["squid:0:1", "squid:300000:3"]),
        (1_000, "squid-1000-2", ["squid:1000:2"]),
        (WINDOW_MS + 1, "squid-300001-4", ["squid:300001:4"]),
    ]


def test_a_batch_is_never_too_large() -> None:
    lines = [_line(number=number) for number in range(1, MOST_IN_BATCH + 2)]
    assert [len(batch.activities) for _, batch in batches(lines)] == [MOST_IN_BATCH, 1]


def test_the_recorded_day_is_read_whole_and_the_same_each_time() -> None:
    def read() -> list[tuple[int, object]]:
        with DAY.open(encoding="utf-8") as lines:
            return list(batches(parse(lines)))

    made = read()
    assert made == read()
    ids = [one.id for _, batch in made for one in batch.activities]  # type: ignore[attr-defined]  # a batch
    assert len(ids) == len(set(ids)) > 1_000
    for _, batch in made:
        activities = batch.activities  # type: ignore[attr-defined]  # a batch
        assert len({one.login for one in activities}) == 1
        assert all(a.occurred_at_ms <= b.occurred_at_ms for a, b in pairwise(activities))
