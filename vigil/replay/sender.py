"""Post to capture as an agent does: what is not refused is sent until it is acknowledged."""

import asyncio
import time
from collections.abc import Iterable
from http import HTTPStatus

import httpx
import msgspec

from vigil.replay.post import Post
from vigil.replay.tally import Refusal, Tally
from vigil.replay.tokens import Tokens

IN_FLIGHT = 16
"""Requests at once: more would only queue in capture."""
FIRST_PAUSE_S = 0.1
LONGEST_PAUSE_S = 5.0
ANSWER_WITHIN_S = 15.0
KNOWN_WITHIN_S = 15.0
_AGAIN = {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS}


class Sender:
    """Sends posts of one day, ``shift_ms`` later, and counts in ``tally``. Close it afterwards."""

    def __init__(self, capture: str, tokens: Tokens, *, shift_ms: int = 0) -> None:
        self.tally = Tally()
        self._tokens = tokens
        self._shift_ms = shift_ms
        self._slots = asyncio.Semaphore(IN_FLIGHT)
        self._http = httpx.AsyncClient(
            base_url=capture,
            timeout=ANSWER_WITHIN_S,
            limits=httpx.Limits(max_connections=IN_FLIGHT, max_keepalive_connections=IN_FLIGHT),
            trust_env=False,
        )

    async def close(self) -> None:
        """Let the connections go."""
        await self._http.aclose()

    async def until_known(self, devices: Iterable[str]) -> None:
        """Wait until capture has heard of the devices' tokens, at most some seconds.

        A device that was enrolled a moment ago is not known at once. An empty batch asks: it is
        refused as nobody's (401) or as no batch (422), and leaves nothing behind.
        """
        deadline = time.monotonic() + KNOWN_WITHIN_S
        waiting = set(devices)
        while waiting and time.monotonic() < deadline:
            for device in sorted(waiting):
                answer = await self._try("/v1/activities", device, b"")
                if answer is None or answer.status_code == HTTPStatus.UNAUTHORIZED:
                    await asyncio.sleep(FIRST_PAUSE_S)
                    break
                waiting.discard(device)

    async def send(self, post: Post) -> None:
        """Send until acknowledged or refused for good."""
        path = "/v1/activities" if post.batch is not None else "/v1/heartbeat"
        body = b""
        if post.batch is not None:
            body = msgspec.json.encode(post.body(self._shift_ms))
        pause = FIRST_PAUSE_S
        while True:
            answer = await self._try(path, post.device, body)
            if answer is not None and not _is_passing(answer.status_code):
                self._count(post, answer)
                return
            self.tally.retries += 1
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE_S)

    async def _try(self, path: str, device: str, body: bytes) -> httpx.Response | None:
        headers = {
            "authorization": f"Bearer {self._tokens.of[device].token}",
            "content-type": "application/json",
        }
        async with self._slots:
            try:
                return await self._http.post(path, content=body, headers=headers)
            except httpx.TransportError:
                return None

    def _count(self, post: Post, answer: httpx.Response) -> None:
        tally = self.tally
        if not answer.is_success:
            tally.refused.append(
                Refusal(post.file, post.line, post.device, answer.status_code, _reason(answer))
            )
            return
        if post.batch is None:
            tally.heartbeats += 1
            return
        tally.latencies_ms.append(answer.elapsed.total_seconds() * 1000)
        tally.batches += 1
        said = answer.json()
        if said["duplicate"]:
            tally.duplicate_batches += 1
            tally.duplicates += said["accepted"]
        else:
            tally.accepted += said["accepted"]


def _is_passing(status: int) -> bool:
    return status in _AGAIN or status >= HTTPStatus.INTERNAL_SERVER_ERROR


def _reason(answer: httpx.Response) -> str:
    try:
        said = answer.json()
    except ValueError:
        said = None
    detail = said.get("detail") if isinstance(said, dict) else None
    if not isinstance(detail, str):
        return answer.reason_phrase
    place = [str(said[name]) for name in ("index", "field") if said.get(name) not in (None, "")]
    return f"{detail} ({' '.join(place)})" if place else detail
