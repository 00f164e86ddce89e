"""Run one role: connect, build its parts, serve until SIGTERM, drain."""

import asyncio
import contextlib
import logging
import signal
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

import uvloop
from google.protobuf.message import Message

from chassis import health as probes
from chassis.auth import Signer, Verifier
from chassis.bus.answer import Answer, answer
from chassis.bus.bus import Bus, connect
from chassis.bus.consume import Handle, consume
from chassis.bus.registry import Durable, Registry
from chassis.settings import HttpSettings, RoleSettings
from chassis.telemetry import logs, setup

if TYPE_CHECKING:  # roles without HTTP have no starlette
    from starlette.types import ASGIApp

log = logging.getLogger(__name__)

S = TypeVar("S", bound=RoleSettings)
Task = Callable[[asyncio.Event], Awaitable[None]]

STOP_WITHIN_S = 8.0
NOT_READY_S = 0.1


@dataclass
class Parts:
    """What a role is made of: its table of contents, filled by its bootstrap."""

    answers: Mapping[type[Message], Answer] = field(default_factory=dict)
    consumers: Sequence[tuple[Durable, Mapping[str, Handle]]] = ()
    tasks: Sequence[tuple[str, Task]] = ()
    http: "ASGIApp | None" = None
    ready: Mapping[str, Callable[[], bool]] = field(default_factory=dict)
    closing: Sequence[Callable[[], Awaitable[Any]]] = ()
    """Called in order after everything has stopped."""
    before_http_stops: Callable[[], Awaitable[None]] | None = None
    """Ends streams that would otherwise hold the HTTP server open."""


def main(
    role: str,
    settings_class: type[S],
    registry: Registry,
    bootstrap: Callable[[S, Bus], Awaitable[Parts]],
) -> None:
    """The entry point of every role's ``__main__``."""
    settings = settings_class.load()
    logs.set_up(role, settings.log_level)
    setup.set_up(role, otlp_endpoint=settings.otlp_endpoint, span_file=settings.span_file)
    uvloop.run(_run(role, settings, registry, bootstrap))


async def _run(
    role: str,
    settings: S,
    registry: Registry,
    bootstrap: Callable[[S, Bus], Awaitable[Parts]],
) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    bus = await connect(
        url=settings.nats_url,
        user=role,
        password=settings.nats_password.get_secret_value(),
        registry=registry,
        signer=Signer(role, settings.role_key.get_secret_value().encode()),
        verifier=Verifier.from_file(settings.trust_file),
    )
    parts = await bootstrap(settings, bus)
    started: dict[str, bool] = {"tasks": True, "serving": False}
    checks: dict[str, Callable[[], bool]] = {
        "nats": lambda: bus.healthy,
        "tasks": lambda: started["tasks"],
        "serving": lambda: started["serving"],
        **parts.ready,
    }
    health = probes.Health(role, lambda: {name: check() for name, check in checks.items()})
    server = (
        probes.serve(health, settings.bind_host, settings.health_port)
        if settings.health_port
        else None
    )
    running = [asyncio.create_task(_awaited(task, stop), name=name) for name, task in parts.tasks]
    running.append(asyncio.create_task(_beating(health, stop), name="heartbeat"))

    def ended(task: asyncio.Task[None]) -> None:
        if not stop.is_set() and (task.cancelled() or task.exception() is not None):
            # Half a role is worse than none: stop, and let whoever runs us start it again.
            started["tasks"] = False
            log.critical("%s ended", task.get_name(), exc_info=task.exception())
            stop.set()

    for task in running:
        task.add_done_callback(ended)
    await _until_ready(parts, stop)
    for durable, handlers in parts.consumers:
        task = asyncio.create_task(consume(bus, durable, handlers, stop), name=durable.name)
        task.add_done_callback(ended)
        running.append(task)
    if parts.answers:
        await answer(bus, parts.answers)
    serving = asyncio.create_task(_serve(settings, parts, stop))
    started["serving"] = True
    log.info("%s is up", role)
    await stop.wait()
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(serving, STOP_WITHIN_S)
    await _end(running)
    await bus.close()
    for close in parts.closing:
        await close()
    if server is not None:
        server.shutdown()
    log.info("%s has stopped", role)
    if not started["tasks"]:
        raise SystemExit(1)


async def _awaited(task: Task, stop: asyncio.Event) -> None:
    await task(stop)


async def _end(running: Sequence[asyncio.Task[None]]) -> None:
    _, left = await asyncio.wait(running, timeout=STOP_WITHIN_S)
    for task in left:
        log.warning("%s did not stop in time", task.get_name())
        task.cancel()


async def _until_ready(parts: Parts, stop: asyncio.Event) -> None:
    """Nothing may be judged, answered or refused by a copy that is still behind."""
    while not stop.is_set() and not all(check() for check in parts.ready.values()):  # noqa: ASYNC110
        await asyncio.sleep(NOT_READY_S)


async def _beating(health: probes.Health, stop: asyncio.Event) -> None:
    while not stop.is_set():
        health.beat()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), 1.0)


async def _serve(settings: RoleSettings, parts: Parts, stop: asyncio.Event) -> None:
    if parts.http is None or not isinstance(settings, HttpSettings):
        return
    from chassis.http.server import serve  # noqa: PLC0415 - only roles with HTTP have uvicorn

    await serve(parts.http, settings.bind_host, settings.http_port, stop, parts.before_http_stops)
