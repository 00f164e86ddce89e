"""Bounds what comes in, and marks what goes out as not to be kept by browsers and proxies."""

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from chassis.errors import TooLargeError
from chassis.http.app import problem

_HEADERS = {
    # Answers hold names and words after a reveal.
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "x-frame-options": "DENY",
}
_TOO_BIG = 1009
"""WebSocket close code "message too big" (RFC 6455, 7.4.1)."""


class Guard:
    """ASGI middleware; ``limit`` is bytes of an HTTP body or of one WebSocket message."""

    def __init__(self, app: ASGIApp, limit: int) -> None:
        self._app = app
        self._limit = limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request or one WebSocket."""
        if scope["type"] == "websocket":
            await self._app(scope, self._bounded_socket(receive, send), send)
            return
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def marked(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        try:
            body = await self._body(scope, receive)
        except TooLargeError as refused:
            await problem(refused)(scope, receive, marked)
            return
        await self._app(scope, _replay(body, receive), marked)

    async def _body(self, scope: Scope, receive: Receive) -> bytes:
        # Refused here, before the app: an error out of ``receive`` would be a failure in there.
        declared = dict(scope["headers"]).get(b"content-length", b"")
        size = int(declared) if declared.isdigit() else 0
        body = bytearray()
        more = True
        while more and size <= self._limit:
            message = await receive()
            body += message.get("body", b"")
            size = max(size, len(body))
            more = message.get("more_body", False)
        if size > self._limit:
            raise TooLargeError(
                "body_too_large", f"the body is larger than {self._limit} bytes; send less"
            )
        return bytes(body)

    def _bounded_socket(self, receive: Receive, send: Send) -> Receive:
        async def bounded() -> Message:
            message = await receive()
            if len(message.get("text") or message.get("bytes") or "") <= self._limit:
                return message
            await send({"type": "websocket.close", "code": _TOO_BIG})
            return {"type": "websocket.disconnect", "code": _TOO_BIG}

        return bounded


def _replay(body: bytes, receive: Receive) -> Receive:
    held: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def replayed() -> Message:
        return held.pop() if held else await receive()

    return replayed
