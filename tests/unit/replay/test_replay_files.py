"""Reading recorded days and tokens."""

import json
from pathlib import Path

import pytest

from vigil.replay.agents_file import read_agents
from vigil.replay.post import UnreadableDayError
from vigil.replay.squid_log import read_squid
from vigil.replay.tokens import Tokens, TokensError

BATCH = {"batch_id": "b1", "activities": [{"id": "a1", "occurred_at_ms": 5}]}
LINE = "1794296704.078 419 10.20.1.77 TCP_MISS/200 10106 GET {url} {user} HIER_DIRECT/x text/html"


def _write(path: Path, *lines: object) -> Path:
    path.write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    return path


def test_a_batch_is_the_line_without_what_the_recording_adds(tmp_path: Path) -> None:
    file = _write(tmp_path / "day.ndjson", {"send_at_ms": 9, "device": "lt", **BATCH})
    [post] = read_agents(file)
    assert (post.send_at_ms, post.device, post.line) == (9, "lt", 1)
    assert post.batch == BATCH
    assert post.activity_ids == ["a1"]


def test_a_sign_of_life_has_no_batch(tmp_path: Path) -> None:
    file = _write(tmp_path / "day.ndjson", {"send_at_ms": 9, "device": "lt", "heartbeat": True})
    assert read_agents(file)[0].batch is None


@pytest.mark.parametrize("wrong", [{"device": "lt"}, {"send_at_ms": "9", "device": "lt"}, [1]])
def test_a_line_that_is_no_post_is_named(tmp_path: Path, wrong: object) -> None:
    good = {"send_at_ms": 9, "device": "lt", "heartbeat": True}
    with pytest.raises(UnreadableDayError, match=r"day\.ndjson line 2: "):
        read_agents(_write(tmp_path / "day.ndjson", good, wrong))


def test_a_line_that_is_no_json_is_named(tmp_path: Path) -> None:
    file = tmp_path / "day.ndjson"
    file.write_text("{\n")
    with pytest.raises(UnreadableDayError, match="line 1: is not a JSON object"):
        read_agents(file)


def test_the_proxy_posts_its_log(tmp_path: Path) -> None:
    file = tmp_path / "access.log"
    lines = [
        LINE.format(url="https://a.example/", user=user) for user in ("zoe", "-", "adam", "zoe")
    ]
    file.write_text("\n".join(lines) + "\n")
    posts = read_squid(file, "proxy-1")
    assert {post.device for post in posts} == {"proxy-1"}
    assert [(post.line, post.activity_ids) for post in posts] == [
        (1, ["squid:1794296704078:1", "squid:1794296704078:4"]),
        (3, ["squid:1794296704078:3"]),
    ]


def test_a_log_that_is_none_is_named(tmp_path: Path) -> None:
    file = tmp_path / "access.log"
    file.write_text("not a log\n")
    with pytest.raises(UnreadableDayError, match=r"access\.log: line 1 has 3 fields"):
        read_squid(file, "proxy-1")


def _tokens(tmp_path: Path, *kinds: str) -> Tokens:
    rows = [
        {"name": f"d{n}", "kind": kind, "device_id": f"id{n}", "token": "t", "login": ""}
        for n, kind in enumerate(kinds)
    ]
    path = tmp_path / "tokens.json"
    path.write_text(json.dumps(rows))
    return Tokens.read(path)


def test_the_proxy_is_found_by_its_kind(tmp_path: Path) -> None:
    assert _tokens(tmp_path, "laptop", "proxy").proxy() == "d1"


@pytest.mark.parametrize("kinds", [("laptop",), ("proxy", "proxy")])
def test_without_just_one_proxy_it_must_be_named(tmp_path: Path, kinds: tuple[str, ...]) -> None:
    with pytest.raises(TokensError, match="--proxy-device"):
        _tokens(tmp_path, *kinds).proxy()


def test_devices_without_a_token_are_named(tmp_path: Path) -> None:
    with pytest.raises(TokensError, match=r"2 device\(s\): x, y"):
        _tokens(tmp_path, "laptop").require(["y", "d0", "x", "x"])


def test_a_file_without_tokens_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(TokensError, match="vigil device enrol"):
        Tokens.read(tmp_path / "none.json")
