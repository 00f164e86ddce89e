"""Strawberry's decorators with a description, typed: its own give ``Any`` as soon as called."""

from collections.abc import Callable
from typing import Any, cast

import strawberry
from strawberry.types.field import StrawberryField

Resolver = Callable[..., Any]
Decorator = Callable[[Resolver], StrawberryField]


def answered(description: str) -> Decorator:
    """A field with a resolver."""
    return cast("Decorator", strawberry.field(description=description))


def decided(description: str) -> Decorator:
    """A field of ``Mutation``."""
    return cast("Decorator", strawberry.mutation(description=description))


def pushed(description: str) -> Decorator:
    """A field of ``Subscription``."""
    return cast("Decorator", strawberry.subscription(description=description))
