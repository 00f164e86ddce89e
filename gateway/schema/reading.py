"""How a declared field is read from a contract message. Every type of the schema uses this.

Protobuf reads an unset ``optional`` as ``""`` or 0; a client must see ``null``. Times travel as
``<name>_ms`` and are declared as ``<name>: datetime``.
"""

from collections.abc import Callable
from functools import cache
from typing import Any, TypeVar

from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message

from chassis.clock import as_datetime

SHOWN: dict[str, type[Message]] = {}
"""GraphQL type name to the message it declares; a test holds one against the other."""

T = TypeVar("T")


def shows(message: type[Message]) -> Callable[[type[T]], type[T]]:
    """Say which contract message a Strawberry type declares."""

    def remember(cls: type[T]) -> type[T]:
        SHOWN[cls.__name__] = message
        return cls

    return remember


def read(source: Any, name: str) -> object:
    """The value of field ``name``: Strawberry's default resolver."""
    if not isinstance(source, Message):
        return getattr(source, name)
    return _reader(source.DESCRIPTOR, name)(source)


@cache
def _reader(message: Descriptor, name: str) -> Callable[[Message], object]:
    fields = message.fields_by_name
    if name in fields:
        return _plain(fields[name])
    return _moment(fields[f"{name}_ms"])


def _plain(field: FieldDescriptor) -> Callable[[Message], object]:
    name = field.name
    if not field.has_presence:
        return lambda message: getattr(message, name)
    return lambda message: getattr(message, name) if message.HasField(name) else None


def _moment(field: FieldDescriptor) -> Callable[[Message], object]:
    plain = _plain(field)

    def moment(message: Message) -> object:
        ms = plain(message)
        # 0 is how a field without presence says "never": nothing here happened in 1970.
        return as_datetime(ms) if isinstance(ms, int) and ms else None

    return moment
