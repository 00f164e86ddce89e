"""Ids derived from what they are about, so that a second attempt makes the same ones."""

from base64 import b32encode
from uuid import UUID, uuid5

_NAMESPACE = UUID("0b1f7c52-0b7c-5a0e-9a51-2f5b3a6f3d11")


def incident_id(school: str, finding: str) -> UUID:
    """The incident that ``finding`` opens."""
    return uuid5(_NAMESPACE, f"incident|{school}|{finding}")


def slot_id(school: str, person: str, family: str) -> UUID:
    """Where the open incident of a person and theme family is noted."""
    return uuid5(_NAMESPACE, f"slot|{school}|{person}|{family}")


def fence_id(school: str, finding: str) -> UUID:
    """The mark that ``finding`` has been taken in."""
    return uuid5(_NAMESPACE, f"fence|{school}|{finding}")


def reference(incident: UUID) -> str:
    """What people call the incident: ``VG-`` and eight letters and digits."""
    return f"VG-{b32encode(incident.bytes).decode()[:8]}"
