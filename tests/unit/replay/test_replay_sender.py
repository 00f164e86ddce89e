"""Sending through outages, against a real HTTP server that answers what it is told."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from vigil.replay.day import Pace
from vigil.replay.play import play
from vigil.replay.post import Post
from vigil.replay.sender import Sender
from vigil.replay.tokens import Enrolled, Tokens

TOKENS = Tokens({name: Enrolled(name, "laptop", name, f"t-{name}") for name in ("one", "two")})
STORED = (202, {"accepted": 1, "duplicate": False})


class Capture:
    """Answers each post with the next of ``answers``, and then with 202."""

    def __init__(self, *answers: tuple[int, object]) -> None:
        self.answers = list(answers)
        self.heard: list[tuple[str, str, str]] = []

    @asynccontextmanager
    async def at(self, port: int = 0) -> AsyncIterator[str]:
        server = await asyncio.start_server(self._serve, "127.0.0.1", port)
        try:
            yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        finally:
            server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while head := await reader.readline():
            headers = {}
            while (line := (await reader.readline()).decode().strip()) != "":
                name, _, value = line.partition(": ")
                headers[name.lower()] = value
            body = await reader.readexactly(int(headers.get("content-length", "0")))
            batch = json.loads(body)["batch_id"] if body else ""
            self.heard.append((head.decode().split()[1], headers["authorization"], batch))
            status, said = self.answers.pop(0) if self.answers else STORED
            text = json.dumps(said).encode()
            writer.write(
                f"HTTP/1.1 {status} x\r\ncontent-length: {len(text)}\r\n\r\n".encode() + text
            )
        writer.close()


def _batch(device: str, name: str) -> Post:
    batch = {"batch_id": name, "activities": [{"id": name, "occurred_at_ms": 1}]}
    return Post(1, device, batch, "day.ndjson", 1)


async def _play(url: str, *posts: Post) -> Sender:
    sender = Sender(url, TOKENS)
    try:
        await play(posts, Pace.of(posts, 0), sender, lambda _: None)
    finally:
        await sender.close()
    return sender


async def test_what_capture_cannot_take_now_is_sent_again() -> None:
    capture = Capture((503, {}), (500, {}), (429, {}))
    async with capture.at() as url:
        tally = (await _play(url, _batch("one", "b1"))).tally
    assert (tally.accepted, tally.retries, tally.refused) == (1, 3, [])


async def test_a_capture_that_is_away_is_waited_for() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    capture = Capture()
    sending = asyncio.create_task(_play(f"http://127.0.0.1:{port}", _batch("one", "b1")))
    await asyncio.sleep(0.3)
    async with capture.at(port):
        tally = (await sending).tally
    assert tally.accepted == 1
    assert tally.retries > 0


async def test_a_refusal_is_kept_with_its_place_and_reason() -> None:
    capture = Capture((422, {"detail": "No such kind.", "index": 3, "field": "kind"}))
    async with capture.at() as url:
        tally = (await _play(url, _batch("one", "b1"), _batch("one", "b2"))).tally
    assert [str(refusal) for refusal in tally.refused] == [
        "day.ndjson line 1 (one): 422 No such kind. (3 kind)"
    ]
    assert tally.accepted == 1


async def test_a_device_keeps_its_order_through_an_outage() -> None:
    capture = Capture((503, {}), (503, {}))
    posts = [_batch(device, f"{device}-{n}") for n in range(5) for device in ("one", "two")]
    async with capture.at() as url:
        await _play(url, *posts)
    for device in ("one", "two"):
        settled = [batch for _, token, batch in capture.heard if token == f"Bearer t-{device}"]
        assert list(dict.fromkeys(settled)) == [f"{device}-{n}" for n in range(5)]


async def test_duplicates_and_signs_of_life_are_counted_apart() -> None:
    capture = Capture((202, {"accepted": 2, "duplicate": True}), (204, ""))
    async with capture.at() as url:
        tally = (await _play(url, _batch("one", "b1"), Post(2, "one", None, "f", 2))).tally
    assert (tally.accepted, tally.duplicates, tally.duplicate_batches) == (0, 2, 1)
    assert (tally.heartbeats, tally.posts) == (1, 2)
    assert [path for path, _, _ in capture.heard] == ["/v1/activities", "/v1/heartbeat"]


async def test_new_tokens_are_waited_for() -> None:
    capture = Capture((401, {}), (401, {}), (422, {}), (422, {}))
    async with capture.at() as url:
        sender = Sender(url, TOKENS)
        await sender.until_known(["one", "two"])
        await sender.close()
    assert len(capture.heard) == 4
    assert sender.tally.posts == 0


@pytest.mark.parametrize(("share", "expected"), [(0.5, 51.0), (0.99, 100.0), (1.0, 100.0)])
def test_latencies_by_share(share: float, expected: float) -> None:
    sender = Sender("http://127.0.0.1:1", TOKENS)
    assert sender.tally.latency_ms(share) == 0
    sender.tally.latencies_ms += [float(n) for n in range(100, 0, -1)]
    assert sender.tally.latency_ms(share) == expected
