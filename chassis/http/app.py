"""The FastAPI factory of every public role: problem+json, bounded bodies, traced routes."""

import logging

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from fastapi.telemetry import TelemetryConfig
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from chassis.errors import (
    InternalError,
    TooLargeError,
    TransientError,
    UnauthenticatedError,
    VigilError,
)

log = logging.getLogger(__name__)

RETRY_AFTER_S = 5

NO_TELEMETRY: TelemetryConfig = {
    "tracing": False,
    "metrics": False,
    "logs": False,
    "operation_spans": False,
}
"""FastAPI's own is on by default: it records exceptions' messages and query strings, which may hold
content, goes on with a stranger's ``tracestate``, and is a third of a post. Handlers are traced by
``chassis.telemetry.handlers``."""


def problem(error: VigilError, **extra: object) -> Response:
    """An error as RFC 9457 ``application/problem+json``."""
    headers = {}
    if isinstance(error, TransientError):
        headers["Retry-After"] = str(RETRY_AFTER_S)
    if isinstance(error, UnauthenticatedError):
        headers["WWW-Authenticate"] = "Bearer"
    body = {
        "type": f"urn:vigil:problem:{error.slug}",
        "title": error.kind.replace("_", " "),
        "status": error.http_status,
        "code": error.slug,
        "detail": error.message,
        **extra,
    }
    return JSONResponse(
        body, error.http_status, headers=headers, media_type="application/problem+json"
    )


class Failures:
    """Answers what nobody foresaw as a problem, and logs where it arose.

    Plain ASGI: Starlette's function middleware doubles the cost of a post (measured).
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request; sockets are passed through."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = False

        async def sending(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self._app(scope, receive, sending)
        except ClientDisconnect:
            log.info("%s %s: the client went away", scope["method"], scope["path"])
        except Exception:
            log.exception("%s %s failed", scope["method"], scope["path"])
            if started:
                raise
            failed = InternalError("internal", "the service failed; its log says where")
            await problem(failed)(scope, receive, send)


def create(title: str, version: str, description: str) -> FastAPI:
    """An app that answers every refusal and every failure as problem+json."""
    app = FastAPI(
        title=title,
        version=version,
        description=description,
        redoc_url=None,
        telemetry=NO_TELEMETRY,
    )

    @app.exception_handler(VigilError)
    async def refused(_: Request, error: VigilError) -> Response:
        return problem(error)

    @app.exception_handler(404)
    async def missing(request: Request, _: Exception) -> Response:
        return JSONResponse(
            {
                "type": "about:blank",
                "title": "not found",
                "status": 404,
                "code": "no_such_route",
                "detail": f"there is no {request.method} {request.url.path}",
            },
            404,
            media_type="application/problem+json",
        )

    app.add_middleware(Failures)
    return app


def bearer(request: Request) -> str:
    """The bearer token of a request; UnauthenticatedError without one."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise UnauthenticatedError("no_token", "send the header Authorization: Bearer <token>")
    return token


async def bounded_body(request: Request, limit: int) -> bytes:
    """The request's body, read no further than ``limit`` bytes; TooLargeError beyond."""
    declared = request.headers.get("content-length", "")
    if declared.isdigit() and int(declared) > limit:
        raise TooLargeError("body_too_large", f"the body is larger than {limit} bytes; send less")
    parts: list[bytes] = []
    size = 0
    async for part in request.stream():
        size += len(part)
        if size > limit:
            raise TooLargeError(
                "body_too_large", f"the body is larger than {limit} bytes; send less"
            )
        parts.append(part)
    return b"".join(parts)
