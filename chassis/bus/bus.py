"""One role's connection: publish to streams, ask other services."""

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar, cast

import nats
from google.protobuf.message import Message
from nats.aio.client import Client
from nats.errors import Error as NatsError
from nats.js.client import JetStreamContext
from nats.js.errors import APIError, NoStreamResponseError
from opentelemetry.propagate import inject

from chassis.auth import Signer, Verifier
from chassis.bus import headers as h
from chassis.bus.problem import from_headers
from chassis.bus.proof import sign
from chassis.bus.registry import Registry
from chassis.clock import now_ms
from chassis.errors import TransientError
from chassis.telemetry.handlers import handling
from chassis.tenancy import UNKNOWN, is_token, subject

log = logging.getLogger(__name__)

PUBLISH_TRY_S = 1.0
PUBLISH_WITHIN_S = 8.0
"""A publish is tried again with the same message id until JetStream acknowledges, this long."""
ASK_TRY_S = 2.0
"""A try; a third of the whole where that is longer, so that slow requests do not pile up."""
ASK_WITHIN_S = 6.0
RETRY_PAUSE_S = 0.1
DRAIN_S = 3

Reply = TypeVar("Reply", bound=Message)


@dataclass(frozen=True, slots=True)
class Stored:
    """JetStream's acknowledgement. ``duplicate`` is best effort: the window is two minutes."""

    sequence: int
    duplicate: bool


class Bus:
    """What a role says on NATS. Hearing is in ``consume.py``, ``answer.py`` and ``follow.py``."""

    def __init__(
        self, nc: Client, registry: Registry, role: str, signer: Signer, verifier: Verifier
    ) -> None:
        self.nc = nc
        self.js: JetStreamContext = nc.jetstream()
        self.registry = registry
        self.role = role
        self.signer = signer
        self.verifier = verifier
        self.refused: list[str] = []

    @property
    def healthy(self) -> bool:
        """Connected, and no permission was ever refused: that is a defect of the registry."""
        return self.nc.is_connected and not self.refused

    async def publish(
        self,
        message: Message,
        *,
        tenant: str,
        message_id: str,
        ttl_s: float | None = None,
        extra: Mapping[str, str] | None = None,
        **tokens: str,
    ) -> Stored:
        """Publish to the message's stream and wait for the acknowledgement.

        ``message_id`` must be deterministic: it is sent again until stored. ``tokens`` fill the
        registry's subject. Raises TransientError when JetStream stays silent.
        """
        event = self.registry.by_message[type(message)]
        return await self.publish_raw(
            subject(event.subject, tenant, **tokens),
            message.SerializeToString(),
            {
                h.TYPE: event.wire,
                h.TENANT: tenant,
                h.MESSAGE_ID: message_id,
                **(extra or {}),
            },
            ttl_s=ttl_s,
        )

    async def publish_raw(
        self,
        to: str,
        payload: bytes,
        headers: Mapping[str, str],
        *,
        ttl_s: float | None = None,
        signed_for: str | None = None,
    ) -> Stored:
        """Publish bytes whose subject and headers are ready. Prefer ``publish``.

        ``signed_for`` is the subject on which a scheduled message will arrive.
        """
        carried = {**headers, **sign(self.signer, signed_for or to, headers, payload)}
        inject(carried)
        deadline = asyncio.get_running_loop().time() + PUBLISH_WITHIN_S
        while True:
            try:
                ack = await self.js.publish(
                    to, payload, timeout=PUBLISH_TRY_S, headers=carried, msg_ttl=ttl_s
                )
                return Stored(ack.seq, bool(ack.duplicate))
            except (NatsError, APIError, NoStreamResponseError, OSError, TimeoutError) as error:
                if asyncio.get_running_loop().time() > deadline:
                    raise TransientError(
                        "nats_away", "the message could not be stored; send it again later"
                    ) from error
                await asyncio.sleep(RETRY_PAUSE_S)

    async def ask(
        self,
        request: Message,
        reply: type[Reply],
        *,
        tenant: str | None = None,
        token: str | None = None,
        within_s: float = ASK_WITHIN_S,
    ) -> Reply:
        """Ask the service that answers ``request``, for ``tenant`` or with a user's ``token``.

        Raises the kind of error that the other side refused with; TransientError when nobody
        answers in ``within_s`` seconds. Requests are idempotent, so silence is asked again.
        """
        ask = self.registry.by_request[type(request)]
        if ask.reply is not reply:
            raise TypeError(f"{ask.subject} answers {ask.reply.DESCRIPTOR.name}")
        bearer = token if token is not None else self.signer.service_token(cast("str", tenant))
        carried = {h.AUTHORIZATION: bearer}
        with handling("ask", ask.subject):
            inject(carried)
            answer = await self._request(
                ask.subject, request.SerializeToString(), carried, within_s
            )
        return reply.FromString(answer)

    async def _request(
        self, to: str, payload: bytes, headers: dict[str, str], within_s: float
    ) -> bytes:
        deadline = asyncio.get_running_loop().time() + within_s
        while True:
            try:
                answer = await self.nc.request(
                    to,
                    payload,
                    timeout=min(max(ASK_TRY_S, within_s / 3), within_s),
                    headers=headers,
                )
            except (NatsError, OSError, TimeoutError) as error:
                if asyncio.get_running_loop().time() > deadline:
                    raise TransientError(
                        "no_answer", f"{to} did not answer; try again later"
                    ) from error
                await asyncio.sleep(RETRY_PAUSE_S)
                continue
            refusal = from_headers(answer.headers or {})
            if refusal is not None:
                raise refusal
            return answer.data

    async def bury(
        self, *, consumer: str, tenant: str, stream: str, sequence: int, wire: str, reason: str
    ) -> None:
        """Report a message that can never be handled. The original stays in its stream."""
        letter = self.registry.dead_letter.message(
            stream=stream,
            sequence=sequence,
            consumer=consumer,
            wire_name=wire[:64],
            reason=reason,
            at_ms=now_ms(),
        )
        await self.publish(
            letter,
            tenant=tenant if is_token(tenant) else UNKNOWN,
            message_id=f"{consumer}:{stream}:{sequence}",
            consumer=consumer,
        )

    async def close(self) -> None:
        """Let what is under way end, then close the connection."""
        if self.nc.is_connected:
            await self.nc.drain()
        else:
            await self.nc.close()


async def connect(
    *,
    url: str,
    user: str,
    password: str,
    registry: Registry,
    signer: Signer,
    verifier: Verifier,
) -> Bus:
    """Connect as ``user``, waiting for a server that is away.

    Raises TransientError after the first minute of a wrong password, which would loop for ever.
    """
    refused: list[str] = []

    async def on_error(error: Exception) -> None:
        text = str(error).lower()
        if "permissions violation" in text:
            # A missing permission is otherwise a timeout with no reason (docs/decisions/0004).
            refused.append(text)
            log.error("NATS refused a subject: %s", text)
        else:
            log.warning("NATS: %s", text)

    nc = await asyncio.wait_for(
        nats.connect(
            url,
            name=user,
            user=user,
            password=password,
            inbox_prefix=f"_INBOX.{user}".encode(),
            allow_reconnect=True,
            max_reconnect_attempts=-1,
            reconnect_time_wait=0.2,
            drain_timeout=DRAIN_S,
            error_cb=on_error,
        ),
        timeout=60,
    )
    bus = Bus(nc, registry, user, signer, verifier)
    bus.refused = refused
    return bus
