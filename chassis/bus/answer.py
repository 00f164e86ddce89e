"""Answer requests: authenticate, check the role, run the handler, map errors once."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from google.protobuf.message import DecodeError, Message
from nats.aio.msg import Msg
from nats.errors import Error as NatsError

from chassis.auth import Caller, require
from chassis.bus import headers as h
from chassis.bus.bus import Bus
from chassis.bus.problem import to_headers
from chassis.bus.registry import Ask
from chassis.errors import InternalError, InvalidError, UnauthenticatedError, VigilError
from chassis.telemetry.handlers import handling

log = logging.getLogger(__name__)

CONCURRENT = 64
"""Requests of one process in hand at once; more wait in the client's buffer."""

INBOXES = "_INBOX."
"""Where requests are answered: the only subjects that an answering role may publish to."""

Answer = Callable[[Any, Caller], Awaitable[Message]]


async def answer(bus: Bus, answers: Mapping[type[Message], Answer]) -> None:
    """Answer every request of this role's context. A request without a handler is a defect."""
    asks = {ask.subject: ask for ask in bus.registry.asks_of(bus.role)}
    missing = {ask.request for ask in asks.values()} ^ set(answers)
    if missing:
        raise LookupError(f"answers and registry differ: {sorted(m.__name__ for m in missing)}")
    gate = asyncio.Semaphore(CONCURRENT)
    running: set[asyncio.Task[None]] = set()

    async def received(message: Msg) -> None:
        # Callbacks of one subscription run one at a time; a task each lets them overlap.
        await gate.acquire()
        ask = asks.get(message.subject)
        task = asyncio.create_task(_respond(bus, message, ask, answers))
        running.add(task)
        task.add_done_callback(running.discard)
        task.add_done_callback(lambda _: gate.release())

    await bus.nc.subscribe(f"ask.{bus.role}.>", queue=bus.role, cb=received)


async def _respond(
    bus: Bus, message: Msg, ask: Ask | None, answers: Mapping[type[Message], Answer]
) -> None:
    carried = message.headers or {}
    if message.reply and not message.reply.startswith(INBOXES):
        # NATS would refuse our answer there, and a refusal counts as a defect of our own.
        log.warning("%s is not answered: its reply subject is no inbox", message.subject)
        return
    try:
        if ask is None:
            raise InvalidError("unknown_request", f"nobody answers {message.subject}")
        with handling("answer", ask.subject, carried):
            caller = bus.verifier.verify(carried.get(h.AUTHORIZATION, ""))
            require(caller, ask.allowed)
            reply = await answers[ask.request](_decode(ask, message.data), caller)
        payload, headers = reply.SerializeToString(), None
    except VigilError as error:
        if isinstance(error, UnauthenticatedError | InternalError):
            log.warning("%s refused: %s", message.subject, error.slug)
        payload, headers = b"", to_headers(error)
    except Exception:
        log.exception("%s failed", message.subject)
        failed = InternalError("internal", "the service failed; its log says where")
        payload, headers = b"", to_headers(failed)
    if message.reply:
        try:
            await bus.nc.publish(message.reply, payload, headers=headers)
        except (NatsError, OSError):
            log.warning("the answer to %s could not be sent", message.subject)


def _decode(ask: Ask, data: bytes) -> Message:
    try:
        return ask.request.FromString(data)
    except DecodeError:
        raise InvalidError("bad_request", f"not a {ask.request.DESCRIPTOR.name}") from None
