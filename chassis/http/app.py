"""The FastAPI factory of every public role: problem+json, bounded bodies, traced routes."""

import logging
from collections.abc import Awaitable, Callable

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from starlette.responses import Response

from chassis.errors import TooLargeError, TransientError, UnauthenticatedError, VigilError

log = logging.getLogger(__name__)

RETRY_AFTER_S = 5


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


def create(title: str, version: str, description: str) -> FastAPI:
    """An app that answers every refusal and every failure as problem+json."""
    app = FastAPI(title=title, version=version, description=description, redoc_url=None)

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

    @app.middleware("http")
    async def failures(
        request: Request, call_next: Callable[[Request], Awaitable[Response]]
    ) -> Response:
        try:
            return await call_next(request)
        except Exception:
            log.exception("%s %s failed", request.method, request.url.path)
            return JSONResponse(
                {
                    "type": "about:blank",
                    "title": "internal",
                    "status": 500,
                    "code": "internal",
                    "detail": "the service failed; its log says where",
                },
                500,
                media_type="application/problem+json",
            )

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
