"""Pull from a durable consumer: refuse the forged, dead-letter the hopeless, retry the rest."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from google.protobuf.message import DecodeError
from nats.aio.msg import Msg
from nats.errors import Error as NatsError
from nats.js.client import JetStreamContext
from nats.js.errors import APIError

from chassis.bus import headers as h
from chassis.bus.bus import Bus
from chassis.bus.proof import believable
from chassis.bus.registry import Durable, Event
from chassis.errors import TransientError, VigilError
from chassis.telemetry.handlers import handling
from chassis.tenancy import tenant_of

log = logging.getLogger(__name__)

FETCH_S = 2.0
"""A fetch ends by itself; cancelling one would strand messages until ack_wait."""
RETRY_S = 1.0
AWAY_S = 0.5


@dataclass(frozen=True, slots=True)
class Meta:
    """Where a message came from."""

    tenant: str
    subject: str
    stream: str
    sequence: int
    message_id: str
    position: str
    """``<shard>:<n>`` for streams fed by a store, else empty."""
    previous: str
    """The position before this one in its stream, as the publisher knows it."""
    delivered: int
    published_ms: int


Handle = Callable[[Any, Meta], Awaitable[None]]


class Refused(Exception):  # noqa: N818 - a verdict, not an error of ours
    """This message can never be handled; the text is the dead letter's reason."""


async def consume(
    bus: Bus,
    durable: Durable,
    handlers: Mapping[str, Handle],
    stop: asyncio.Event,
    *,
    batch: int = 1,
) -> None:
    """Handle messages by wire name, in order when ``max_ack_pending`` is 1, until ``stop``.

    A handler's TransientError is tried again after a second; any other error puts the message
    into ``DEAD`` with its reason. Acknowledged after the handler returned.
    """
    subscription: JetStreamContext.PullSubscription | None = None
    while not stop.is_set():
        try:
            if subscription is None:
                subscription = await bus.js.pull_subscribe_bind(durable.name, durable.stream)
            messages = await subscription.fetch(batch, timeout=FETCH_S)
        except TimeoutError:  # nats.errors.TimeoutError is one
            continue
        except (NatsError, APIError, OSError) as error:
            log.warning("%s waits for NATS: %s", durable.name, type(error).__name__)
            await asyncio.sleep(AWAY_S)
            continue
        for message in messages:
            if stop.is_set():
                await _settle(message.nak())
            else:
                await handle_one(bus, durable, handlers, message)
    if subscription is not None and bus.nc.is_connected:
        await subscription.unsubscribe()


async def handle_one(
    bus: Bus, durable: Durable, handlers: Mapping[str, Handle], message: Msg
) -> None:
    """Handle one message and settle it."""
    carried = message.headers or {}
    try:
        event, meta = accept(bus, message)
        handle = handlers.get(event.wire)
        if handle is None:
            # A message of a known type that this role has no use for.
            await _settle(message.ack())
            return
        try:
            body = event.message.FromString(message.data)
        except DecodeError:
            raise Refused(f"the payload is not a {event.wire}") from None
        with handling("consume", f"{durable.name} {event.wire}", carried):
            await handle(body, meta)
    except Refused as refused:
        await _bury(bus, durable, message, str(refused))
    except TransientError as error:
        log.warning("%s tries again: %s", durable.name, error.slug)
        await _settle(message.nak(delay=RETRY_S))
    except VigilError as error:
        await _bury(bus, durable, message, f"{error.kind}: {error.slug}: {error.message}")
    except Exception as error:
        log.exception("%s failed on a message", durable.name)
        await _bury(bus, durable, message, f"internal: {type(error).__name__}")
    else:
        await _settle(message.ack())


def accept(bus: Bus, message: Msg) -> tuple[Event, Meta]:
    """What a message is and where it came from; Refused when it cannot be believed."""
    carried = message.headers or {}
    if h.FORGED in carried:
        raise Refused("the message came by a reply subject")
    wire = carried.get(h.TYPE)
    if wire is None:
        raise Refused(f"the header {h.TYPE} is missing")
    event = bus.registry.by_wire.get(wire)
    if event is None:
        raise Refused(f"unknown message type {wire[:64]}")
    if not _fits(event.pattern, message.subject):
        raise Refused(f"{wire} does not belong on {message.subject}")
    if not believable(bus.verifier, event.publishers, message.subject, carried, message.data):
        raise Refused(f"{wire} is not signed by a role that may say it")
    tenant = tenant_of(event.subject, message.subject)
    if carried.get(h.TENANT) != tenant:
        raise Refused(f"the header {h.TENANT} and the subject name different schools")
    data = message.metadata
    return event, Meta(
        tenant=tenant,
        subject=message.subject,
        stream=data.stream,
        sequence=data.sequence.stream,
        message_id=carried.get(h.MESSAGE_ID, ""),
        position=carried.get(h.POSITION, ""),
        previous=carried.get(h.PREVIOUS, ""),
        delivered=data.num_delivered or 1,
        published_ms=int(data.timestamp.timestamp() * 1000),
    )


def _fits(pattern: str, subject: str) -> bool:
    wanted, given = pattern.split("."), subject.split(".")
    return len(wanted) == len(given) and all(
        w in ("*", g) for w, g in zip(wanted, given, strict=True)
    )


async def _bury(bus: Bus, durable: Durable, message: Msg, reason: str) -> None:
    data = message.metadata
    carried = message.headers or {}
    try:
        await bus.bury(
            consumer=durable.name,
            tenant=carried.get(h.TENANT, ""),
            stream=data.stream,
            sequence=data.sequence.stream,
            wire=carried.get(h.TYPE, ""),
            reason=reason,
        )
    except TransientError:
        await _settle(message.nak(delay=RETRY_S))
        return
    log.error("%s put %s:%d into DEAD: %s", durable.name, data.stream, data.sequence.stream, reason)
    await _settle(message.ack())


async def _settle(settling: Awaitable[None]) -> None:
    try:
        await settling
    except (NatsError, OSError):
        # Unsettled messages come again after ack_wait; handlers are idempotent.
        log.warning("an acknowledgement could not be sent")
