"""The two things that the directory seals: a person's name, a user's contact."""

import json
from dataclasses import asdict, dataclass

from chassis.sealing import SealKey

_NAME = "directory.person.name"
_CONTACT = "directory.user.contact"


@dataclass(frozen=True)
class Contact:
    """How a user is called and reached."""

    login: str
    name: str
    email: str


def seal_name(key: SealKey, name: str) -> bytes:
    """A person's name, sealed."""
    return key.seal(name.encode(), _NAME)


def open_name(key: SealKey, sealed: bytes) -> str:
    """A person's name. InternalError if it is not what ``seal_name`` made with this key."""
    return key.open(sealed, _NAME).decode()


def seal_contact(key: SealKey, contact: Contact) -> bytes:
    """A user's contact, sealed."""
    return key.seal(json.dumps(asdict(contact), ensure_ascii=False).encode(), _CONTACT)


def open_contact(key: SealKey, sealed: bytes) -> Contact:
    """A user's contact. InternalError if it is not what ``seal_contact`` made with this key."""
    return Contact(**json.loads(key.open(sealed, _CONTACT)))
