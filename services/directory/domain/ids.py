"""Ids follow from what they name, so that doing something twice is doing it once.

Ids stand in the clear everywhere, so people's and users' follow from a keyed mark, never from a
sourcedId or a login that somebody could try out.
"""

from uuid import UUID, uuid5

_SCHOOLS = UUID("6f0f5d52-6a5e-5d0b-9b7e-0f3f6c0d5a11")
"""The namespace of school ids; any fixed UUID would do (RFC 9562, 5.5)."""


def school_id(slug: str) -> UUID:
    """The id of the school with this slug."""
    return uuid5(_SCHOOLS, slug)


def person_id(school: str, mark: str) -> UUID:
    """The id of the person whose sourcedId has this mark."""
    return uuid5(UUID(school), f"person:{mark}")


def provisional_id(school: str, key_id: str) -> UUID:
    """The id of the person who stands in for an identity that no roster has named yet."""
    return uuid5(UUID(school), f"identity:{key_id}")


def user_id(school: str, key_id: str) -> UUID:
    """The id of the user who signs in with this identity."""
    return uuid5(UUID(school), f"user:{key_id}")


def device_id(school: str, name: str) -> UUID:
    """The id of the device with this name."""
    return uuid5(UUID(school), f"device:{name}")
