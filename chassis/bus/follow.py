"""Read a stream in order without acknowledging: the last states first, then what is new."""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable

from nats.errors import Error as NatsError
from nats.js.api import ConsumerConfig, DeliverPolicy
from nats.js.errors import APIError

from chassis.bus.bus import Bus
from chassis.bus.consume import Meta, Refused, accept

log = logging.getLogger(__name__)

HEARTBEAT_S = 1.0
"""With a heartbeat a killed server is noticed and the place resumed in about 2 s."""
AWAY_S = 0.5
STOP_SEEN_S = 0.25

Follower = Callable[[object, Meta], Awaitable[None]]


class Following:
    """An ordered consumer at work; ``caught_up`` once all that was stored has been handled."""

    def __init__(self) -> None:
        self.caught_up = asyncio.Event()


async def follow(
    bus: Bus,
    stream: str,
    subject: str,
    handle: Follower,
    stop: asyncio.Event,
    *,
    deliver: DeliverPolicy = DeliverPolicy.LAST_PER_SUBJECT,
    start_sequence: int | None = None,
    following: Following | None = None,
) -> None:
    """Hand every message on ``subject`` to ``handle`` until ``stop``, through reconnects.

    A message that cannot be believed is logged and left out; the stream's durables bury it. An
    error of ``handle`` ends the following: state that missed a message would be wrong for good.
    """
    following = following or Following()
    last = start_sequence - 1 if start_sequence else 0
    while not stop.is_set():
        resume = last > 0
        try:
            subscription = await bus.js.subscribe(
                subject,
                stream=stream,
                ordered_consumer=True,
                config=ConsumerConfig(
                    deliver_policy=DeliverPolicy.BY_START_SEQUENCE if resume else deliver,
                    opt_start_seq=last + 1 if resume else None,
                ),
                idle_heartbeat=HEARTBEAT_S,
            )
        except (NatsError, APIError, OSError, TimeoutError) as error:
            log.warning("following %s waits for NATS: %s", stream, type(error).__name__)
            await asyncio.sleep(AWAY_S)
            continue
        try:
            info = await subscription.consumer_info()
            if not info.num_pending and not (info.delivered and info.delivered.consumer_seq):
                following.caught_up.set()
            while not stop.is_set():
                try:
                    message = await subscription.next_msg(timeout=STOP_SEEN_S)
                except TimeoutError:
                    continue
                last = message.metadata.sequence.stream
                try:
                    event, meta = accept(bus, message)
                    await handle(event.message.FromString(message.data), meta)
                except Refused as refused:
                    log.warning("%s:%d left out: %s", stream, last, refused)
                if message.metadata.num_pending == 0:
                    following.caught_up.set()
        except (NatsError, APIError, OSError, TimeoutError) as error:
            log.warning("following %s starts again: %s", stream, type(error).__name__)
            await asyncio.sleep(AWAY_S)
        finally:
            # Or every follower that ends would leave its consumer behind.
            with contextlib.suppress(NatsError, OSError):
                await subscription.unsubscribe()
