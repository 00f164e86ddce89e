"""What a resolver is given: the bus, the hub, and the caller's own token to ask with."""

from dataclasses import dataclass
from typing import TypeVar, cast

import strawberry
from google.protobuf.message import Message
from strawberry.fastapi import BaseContext

from chassis.auth import Caller
from chassis.bus.bus import Bus
from chassis.errors import UnauthenticatedError
from gateway.schema.reading import SHOWN
from gateway.security.sign_in import user
from gateway.streams.hub import Hub

Reply = TypeVar("Reply", bound=Message)
Declared = TypeVar("Declared")


@dataclass(frozen=True, slots=True)
class Reach:
    """What is the same for every operation."""

    bus: Bus
    hub: Hub
    subscription_lifetime_s: float


class Context(BaseContext):
    """One HTTP request, or one WebSocket with all its operations."""

    def __init__(self, reach: Reach, token: str | None = None) -> None:
        super().__init__()
        self.reach = reach
        self.token = token

    @property
    def caller(self) -> Caller:
        """The user; UnauthenticatedError before sign-in and after the token's expiry."""
        if self.token is None:
            raise UnauthenticatedError("no_token", "sign in first")
        return user(self.reach.bus.verifier, self.token)

    async def ask(self, request: Message, reply: type[Reply]) -> Reply:
        """Ask the service that answers ``request`` as the user, and be refused as the user."""
        return await self.reach.bus.ask(request, reply, token=self.token or "")

    async def show(self, declared: type[Declared], request: Message) -> Declared:
        """Ask, and hand on the reply as the type that declares it. No field is copied."""
        reply = SHOWN[declared.__name__]
        return cast("Declared", await self.ask(request, reply))


Info = strawberry.Info[Context, None]
