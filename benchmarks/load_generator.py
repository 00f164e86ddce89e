"""A process of its own that posts at the planned moments, whether or not answers come (open loop).

``serve`` reads a pickled list of posts on standard input, says ``ready``, waits for a line, posts,
and writes a JSON object on standard output. Plain sockets, because an HTTP client would use more
of the shared cores than what is measured.
"""

import asyncio
import json
import pickle
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from workload import Post

CONNECTIONS = 64
"""Open at once at most; more posts wait, and their waiting counts as latency."""
ANSWER_WITHIN_S = 60.0
START_IN_S = 0.2

Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@dataclass
class Result:
    """What became of each post, in seconds since the epoch; ``status`` 0 without an answer."""

    due: list[float] = field(default_factory=list)
    answered: list[float] = field(default_factory=list)
    status: list[int] = field(default_factory=list)
    cpu_s: float = 0.0
    """CPU seconds of sending; making the requests comes before."""
    late_s: float = 0.0
    """The worst delay between the planned moment and the attempt to send: the generator's own."""


class Connections:
    """Keeps connections open and lends each to one post at a time."""

    def __init__(self, host: str, port: int) -> None:
        self._where = (host, port)
        self._idle: list[Connection] = []
        self._gate = asyncio.Semaphore(CONNECTIONS)

    async def post(self, request: bytes) -> int:
        """Send a whole request; the status of its answer, 0 if there was none."""
        async with self._gate:
            try:
                async with asyncio.timeout(ANSWER_WITHIN_S):
                    while self._idle:
                        try:
                            return await self._use(self._idle.pop(), request)
                        except (ConnectionError, asyncio.IncompleteReadError):
                            # The server ends connections that were idle for five seconds; the
                            # batch id makes a second try harmless, as it does for an agent.
                            continue
                    return await self._use(await asyncio.open_connection(*self._where), request)
            except (OSError, TimeoutError, asyncio.IncompleteReadError):
                return 0

    async def _use(self, lent: Connection, request: bytes) -> int:
        lent[1].write(request)
        status = await _answer(lent[0])
        self._idle.append(lent)
        return status


async def _answer(reader: asyncio.StreamReader) -> int:
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    _, found, length = head.partition(b"content-length:")
    if found:
        await reader.readexactly(int(length.split(b"\r\n", 1)[0]))
    return int(head.split(b" ", 2)[1])


async def send(posts: Sequence[Post], host: str, port: int) -> Result:
    """Send all posts at their moments and wait for the answers."""
    connections = Connections(host, port)
    requests = [_request(post, host) for post in posts]
    result = Result(status=[0] * len(posts), answered=[0.0] * len(posts))
    start = time.time() + START_IN_S
    result.due = [start + post.at for post in posts]
    used = time.process_time()

    async def one(number: int) -> None:
        result.status[number] = await connections.post(requests[number])
        result.answered[number] = time.time()

    tasks = []
    for number, due in enumerate(result.due):
        if (pause := due - time.time()) > 0:
            await asyncio.sleep(pause)
        result.late_s = max(result.late_s, time.time() - due)
        tasks.append(asyncio.create_task(one(number)))
    await asyncio.gather(*tasks)
    result.cpu_s = time.process_time() - used
    return result


def _request(post: Post, host: str) -> bytes:
    head = (
        f"POST /v1/activities HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {post.token}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(post.body)}\r\n\r\n"
    )
    return head.encode() + post.body


async def in_own_process(posts: Sequence[Post], host: str, port: int) -> Result:
    """Run ``serve`` in another process and return what it says."""
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, __file__, host, str(port)),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        limit=64 * 1024 * 1024,
    )
    try:
        said, _ = await child.communicate(pickle.dumps(list(posts)))
    finally:
        if child.returncode is None:
            child.kill()
    return Result(**json.loads(said))


def serve(host: str, port: int) -> None:
    """What the other process does."""
    posts: list[Post] = pickle.load(sys.stdin.buffer)  # noqa: S301 - our own parent's
    json.dump(vars(asyncio.run(send(posts, host, port))), sys.stdout)


if __name__ == "__main__":
    serve(sys.argv[1], int(sys.argv[2]))
