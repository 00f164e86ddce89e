"""Run uvicorn inside a role's event loop, stopping when the role stops."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Iterator

import uvicorn
from starlette.types import ASGIApp

GRACE_S = 5


class _Server(uvicorn.Server):
    """The role handles signals; uvicorn must not."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


async def serve(
    app: ASGIApp,
    host: str,
    port: int,
    stop: asyncio.Event,
    before_stop: Callable[[], Awaitable[None]] | None = None,
) -> None:
    """Serve ``app`` until ``stop``. ``before_stop`` ends streams first, or they hold us open."""
    server = _Server(
        uvicorn.Config(
            app,
            host=host,
            port=port,
            loop="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=GRACE_S,
            ws="websockets-sansio",
        )
    )
    task = asyncio.create_task(server.serve())
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait({task, stopping}, return_when=asyncio.FIRST_COMPLETED)
    stop.set()
    if before_stop is not None:
        await before_stop()
    server.should_exit = True
    stopping.cancel()
    await task
