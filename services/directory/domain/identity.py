"""A login or sourcedId is looked up by its mark, so that neither is stored in the clear."""

import hmac
import unicodedata
from hashlib import sha256

from chassis.errors import InvalidError

MARK_CHARACTERS = 32
"""Of HMAC-SHA256 in hex: 128 bits, no collision within any number of people."""
MAX_LOGIN = 254
"""The longest e-mail address (RFC 5321, erratum 1690); Windows logins are shorter."""


def normalise_login(login: str) -> str:
    r"""One spelling of a login: compatibility forms and case folded, ``DOMAIN\`` left off.

    Raises InvalidError when nothing, or too much, remains.
    """
    folded = unicodedata.normalize("NFKC", login).strip().casefold().rpartition("\\")[2]
    if not folded or len(folded) > MAX_LOGIN or not folded.isprintable():
        raise InvalidError("bad_login", f"login must have 1 to {MAX_LOGIN} printable characters")
    return folded


def identity_mark(secret: bytes, login: str) -> str:
    """The key id of the identity that signs in as ``login``. Raises InvalidError, see above."""
    return _mark(secret, f"login:{normalise_login(login)}")


def person_mark(secret: bytes, sourced_id: str) -> str:
    """The key id of the roster's person ``sourced_id``: the key that seals their name."""
    return _mark(secret, f"person:{sourced_id}")


def _mark(secret: bytes, text: str) -> str:
    return hmac.new(secret, text.encode(), sha256).hexdigest()[:MARK_CHARACTERS]
