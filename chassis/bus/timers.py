"""Timers as NATS scheduled messages: they survive a SIGKILL and fire on time or at restart.

A subject holds one timer, so arming again replaces it and arming twice is harmless. A cancel
races with the fire: whoever receives a fired timer must look whether it is still wanted.
"""

import logging

from google.protobuf.message import Message
from nats.errors import Error as NatsError
from nats.js.errors import APIError

from chassis.bus import headers as h
from chassis.bus.bus import Bus
from chassis.clock import as_iso
from chassis.errors import TransientError
from chassis.tenancy import subject

log = logging.getLogger(__name__)

STREAM = "TIMERS"
PENDING = "timers.pending.{tenant}.{owner}.{step}"


async def arm(
    bus: Bus, message: Message, *, tenant: str, at_ms: int, owner: str, **tokens: str
) -> None:
    """Have ``message`` published on its registry subject at ``at_ms``.

    ``owner`` and the token ``step`` name the timer. Raises TransientError when NATS is away.
    """
    event = bus.registry.by_message[type(message)]
    target = subject(event.subject, tenant, **tokens)
    await bus.publish_raw(
        subject(PENDING, tenant, owner=owner, step=tokens["step"]),
        message.SerializeToString(),
        {
            h.TYPE: event.wire,
            h.TENANT: tenant,
            h.SCHEDULE: f"@at {as_iso(at_ms)}",
            h.SCHEDULE_TARGET: target,
        },
        signed_for=target,
    )


async def disarm(bus: Bus, *, tenant: str, owner: str) -> None:
    """Purge every pending timer of ``owner``. Best effort: a lost purge only fires in vain."""
    pending = subject(PENDING, tenant, owner=owner, step="0").rsplit(".", 1)[0] + ".*"
    try:
        await bus.js.purge_stream(STREAM, subject=pending)
    except (NatsError, APIError, OSError, TimeoutError, TransientError):
        log.warning("pending timers could not be purged; they will fire in vain")
