"""Turn away early who cannot be anybody. What a caller may do, the answering service decides."""

from starlette.requests import HTTPConnection

from chassis.auth import Caller, Verifier
from chassis.errors import ForbiddenError, UnauthenticatedError


def token_of(header: object) -> str:
    """The token in ``Bearer <token>``; UnauthenticatedError for anything else."""
    scheme, _, token = (header if isinstance(header, str) else "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise UnauthenticatedError("no_token", "send the header Authorization: Bearer <token>")
    return token


def user(verifier: Verifier, token: str) -> Caller:
    """The user of a valid token.

    Raises UnauthenticatedError for a token that is not valid and ForbiddenError for a service's:
    services ask one another over NATS and have no business here.
    """
    caller = verifier.verify(token)
    if caller.is_service:
        raise ForbiddenError("users_only", "services do not come through the gateway")
    return caller


def signed_in(connection: HTTPConnection, verifier: Verifier) -> tuple[Caller, str]:
    """The user of an HTTP request and the token; raises as ``token_of`` and ``user`` do."""
    token = token_of(connection.headers.get("authorization"))
    return user(verifier, token), token
