"""The DSLs' open pages: a GraphQL subscription a school, noting when each incident arrived."""

import asyncio
import contextlib
import json
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from schools import School
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

QUERY = """subscription { incidentChanged { kind missed
  incident { id family theme severity state findingCount } } }"""
LISTENING_S = 0.5
"""An operation starts in a task of its own after its pong; longer than that takes."""


class Arrivals:
    """When each incident was pushed as opened, in seconds since the epoch."""

    def __init__(self) -> None:
        self.opened: dict[str, float] = {}
        self.missed = 0

    async def listen(self, socket: ClientConnection) -> None:
        """Note what is pushed until the connection ends."""
        with contextlib.suppress(ConnectionClosed):
            async for raw in socket:
                now = time.time()
                message = json.loads(raw)
                if message["type"] != "next":
                    raise RuntimeError(f"the subscription ended: {message}")
                changed = message["payload"]["data"]["incidentChanged"]
                self.missed += changed["missed"]
                if changed["kind"] == "opened":
                    self.opened.setdefault(changed["incident"]["id"], now)


@asynccontextmanager
async def subscribed(graphql: str, schools: Sequence[School]) -> AsyncIterator[Arrivals]:
    """Subscribe as the DSL of each school while the context lasts."""
    arrivals = Arrivals()
    async with contextlib.AsyncExitStack() as stack:
        listening = []
        for school in schools:
            socket = await stack.enter_async_context(
                connect(graphql.replace("http", "ws", 1), subprotocols=[_PROTOCOL])
            )
            await _subscribe(socket, school.dsl_token)
            listening.append(asyncio.create_task(arrivals.listen(socket)))
        # Nothing is pushed yet, so a task that has ended was refused: better told now than later.
        done, _ = await asyncio.wait(listening, timeout=LISTENING_S)
        for refused in done:
            refused.result()
        yield arrivals
    await asyncio.gather(*listening)


_PROTOCOL = Subprotocol("graphql-transport-ws")


async def _subscribe(socket: ClientConnection, token: str) -> None:
    hello = {"type": "connection_init", "payload": {"authorization": f"Bearer {token}"}}
    await socket.send(json.dumps(hello))
    answer = json.loads(await socket.recv())
    if answer["type"] != "connection_ack":
        raise RuntimeError(f"the gateway refused the subscription: {answer}")
    asked = {"id": "1", "type": "subscribe", "payload": {"query": QUERY}}
    await socket.send(json.dumps(asked))
