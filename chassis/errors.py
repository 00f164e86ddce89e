"""The kinds of refusal. Entrypoints map a kind once per protocol; slugs are stable for clients."""

from typing import ClassVar


class VigilError(Exception):
    """A refusal with a stable slug and a sentence that names the field and the remedy.

    The message never holds captured content: it goes into logs and answers.
    """

    kind: ClassVar[str] = "internal"
    http_status: ClassVar[int] = 500

    def __init__(self, slug: str, message: str) -> None:
        super().__init__(message)
        self.slug = slug
        self.message = message


class InvalidError(VigilError):
    """The request itself is wrong; sending it again changes nothing."""

    kind = "invalid"
    http_status = 422


class UnauthenticatedError(VigilError):
    """Nobody can be made out from the credentials."""

    kind = "unauthenticated"
    http_status = 401


class ForbiddenError(VigilError):
    """The caller is known and may not do this."""

    kind = "forbidden"
    http_status = 403


class NotFoundError(VigilError):
    """There is no such thing in the caller's school."""

    kind = "not_found"
    http_status = 404


class ConflictError(VigilError):
    """The thing is in a state that does not allow this."""

    kind = "conflict"
    http_status = 409


class TooLargeError(VigilError):
    """The request passes a cap."""

    kind = "too_large"
    http_status = 413


class GoneError(VigilError):
    """It existed and is destroyed for good: an erased person's key."""

    kind = "gone"
    http_status = 410


class TransientError(VigilError):
    """Something needed is away; the same request may succeed later."""

    kind = "transient"
    http_status = 503


class InternalError(VigilError):
    """A defect on our side; the log has the reason."""


KINDS: dict[str, type[VigilError]] = {
    cls.kind: cls
    for cls in (
        InvalidError,
        UnauthenticatedError,
        ForbiddenError,
        NotFoundError,
        ConflictError,
        TooLargeError,
        GoneError,
        TransientError,
        InternalError,
    )
}
"""Kind as it travels in ``Vigil-Error`` to the class a caller catches."""
