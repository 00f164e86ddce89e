"""Hear from the gateway, over graphql-transport-ws."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, NoReturn

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, WebSocketException
from websockets.typing import Subprotocol

from vigil.graphql.errors import LostError, RefusedError, raise_first

PROTOCOL = Subprotocol("graphql-transport-ws")
OPEN_WITHIN_S = 15.0
NOT_SIGNED_IN = (4401, 4403)

Answer = dict[str, Any]


@asynccontextmanager
async def subscription(
    url: str, token: str, document: str, variables: Answer | None = None
) -> AsyncIterator[AsyncIterator[Answer]]:
    """What is pushed, from the moment this is entered; it ends when the gateway completes it.

    ``url`` is the gateway's ``http…/graphql``. Raises LostError, on entering and on reading, and
    RefusedError.
    """
    try:
        async with asyncio.timeout(OPEN_WITHIN_S):
            socket = await connect(
                url.replace("http", "ws", 1), subprotocols=[PROTOCOL], proxy=None
            )
    except (OSError, TimeoutError, WebSocketException) as error:
        raise LostError(f"the gateway does not answer ({type(error).__name__})") from None
    try:
        async with asyncio.timeout(OPEN_WITHIN_S):
            await _say(socket, type="connection_init", payload={"authorization": f"Bearer {token}"})
            await _until(socket, "connection_ack")
            payload = {"query": document, "variables": variables or {}}
            await _say(socket, type="subscribe", id="1", payload=payload)
            # Its answer comes after the subscription was taken up: nothing slips in between.
            await _say(socket, type="ping")
            early = await _until(socket, "pong")
        yield _pushed(socket, early)
    except TimeoutError:
        raise LostError("the gateway is silent") from None
    finally:
        await socket.close()


async def _pushed(socket: ClientConnection, early: list[Answer]) -> AsyncIterator[Answer]:
    while True:
        message = early.pop(0) if early else await _next(socket)
        kind = message["type"]
        if kind == "next":
            payload = message["payload"]
            raise_first(payload.get("errors") or ())
            yield payload["data"]
        elif kind == "error":
            raise_first(message["payload"])
        elif kind == "complete":
            return
        elif kind == "ping":
            await _say(socket, type="pong")


async def _until(socket: ClientConnection, kind: str) -> list[Answer]:
    """What came before the message of ``kind``."""
    before = []
    while (message := await _next(socket))["type"] != kind:
        before.append(message)
    return before


async def _next(socket: ClientConnection) -> Answer:
    try:
        message: Answer = json.loads(await socket.recv())
    except ConnectionClosed as error:
        _raise(error)
    return message


async def _say(socket: ClientConnection, **message: Any) -> None:
    try:
        await socket.send(json.dumps(message))
    except ConnectionClosed as error:
        _raise(error)


def _raise(error: ConnectionClosed) -> NoReturn:
    code = error.rcvd.code if error.rcvd else None
    if code in NOT_SIGNED_IN:
        raise RefusedError("UNAUTHENTICATED", "the gateway does not accept the token") from None
    raise LostError("the connection to the gateway was lost") from None
