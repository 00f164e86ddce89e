"""What can come instead of an answer."""

from collections.abc import Sequence
from typing import Any


class LostError(Exception):
    """The gateway is away, or the connection was: the same may succeed later."""


class RefusedError(Exception):
    """The gateway answered with an error. ``code`` is its stable word, such as FORBIDDEN."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code

    @property
    def signed_out(self) -> bool:
        """Whether a new token would help."""
        return self.code == "UNAUTHENTICATED"


def raise_first(errors: Sequence[Any]) -> None:
    """Raise the first of GraphQL's ``errors``: LostError for what will pass."""
    for error in errors:
        code = (error.get("extensions") or {}).get("code", "INTERNAL")
        message = error.get("message", "the gateway gave no reason")
        if code == "TRANSIENT":
            raise LostError(message)
        raise RefusedError(code, message)
