"""A key ring that asks the one service that creates and destroys keys."""

from typing import Any

from google.protobuf.message import Message

from chassis.bus.bus import Bus
from chassis.errors import ForbiddenError
from chassis.sealing import CachedKeyRing, SealKey


def asked_key_ring(
    bus: Bus,
    reply: type[Message],
    *,
    by_id: type[Message] | None = None,
    for_identity: type[Message] | None = None,
) -> CachedKeyRing:
    """A cached ring over two requests; one that this role may not send is left out.

    ``by_id`` has the field ``key_id``, ``for_identity`` the field ``login``; ``reply`` has
    ``key_id``, ``person_id`` and ``key``.
    """

    async def fetch(request: Message, tenant: str) -> SealKey:
        key: Any = await bus.ask(request, reply, tenant=tenant)
        return SealKey(key.key_id, key.person_id, key.key)

    async def identity(tenant: str, login: str) -> SealKey:
        if for_identity is None:
            raise ForbiddenError("no_key_requests", f"{bus.role} may not make keys")
        return await fetch(for_identity(login=login), tenant)

    async def existing(tenant: str, key_id: str) -> SealKey:
        if by_id is None:
            raise ForbiddenError("no_key_requests", f"{bus.role} may not read keys by id")
        return await fetch(by_id(key_id=key_id), tenant)

    return CachedKeyRing(identity, existing)
