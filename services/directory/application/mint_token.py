"""Sign a token for a user."""

from dataclasses import dataclass

from chassis.auth import Signer
from chassis.errors import ConflictError, InvalidError
from services.directory.application.directory import Stores
from services.directory.domain.user import User, check_role

DEFAULT_TTL_S = 3_600
MIN_TTL_S, MAX_TTL_S = 60, 43_200
"""A working day at most: a token can't be called back."""


@dataclass(frozen=True)
class Minted:
    """A token and whose it is."""

    token: str
    user_id: str
    role: str
    expires_at_ms: int


@dataclass(frozen=True)
class MintToken:
    """``signer`` holds the users' key, which is the directory's alone."""

    stores: Stores
    signer: Signer

    def __call__(self, school: str, user_id: str, role: str, ttl_s: int) -> Minted:
        """A token with the user's own role, which must be ``role`` unless that is empty.

        InvalidError for a lifetime out of bounds, ConflictError for another role or a user who
        may not sign in.
        """
        ttl_s = ttl_s or DEFAULT_TTL_S
        if not MIN_TTL_S <= ttl_s <= MAX_TTL_S:
            raise InvalidError(
                "bad_ttl", f"ttl_seconds must be between {MIN_TTL_S} and {MAX_TTL_S}"
            )
        if role:
            check_role(role)
        user = self.stores.of(school).get(User, user_id)
        if role and user.role != role:
            raise ConflictError("other_role", f"the user's role is {user.role}, not {role}")
        if not user.active:
            raise ConflictError("user_inactive", "the user may not sign in any more")
        token, expires_s = self.signer.sign(
            tenant=school, role=user.role, subject=user_id, ttl_s=ttl_s
        )
        return Minted(token, user_id, user.role, int(expires_s * 1000))
