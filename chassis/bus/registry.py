"""The form of the registry: which messages exist, on which subjects, said and heard by whom.

The table itself is a business matter (``contracts.registry``) and is passed in by each service.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from google.protobuf.message import Message


@dataclass(frozen=True)
class Stream:
    """A JetStream stream. ``max_age_s`` 0 keeps for ever; ``last_only`` keeps one per subject."""

    name: str
    subjects: tuple[str, ...]
    max_age_s: float = 0
    last_only: bool = False
    ttl: bool = False
    schedules: bool = False
    direct: bool = False


@dataclass(frozen=True)
class Event:
    """A message in a stream. ``subject`` has ``{tenant}`` and further tokens in braces."""

    wire: str
    message: type[Message]
    stream: str
    subject: str
    publishers: frozenset[str]

    @property
    def pattern(self) -> str:
        """The subject with ``*`` for each token in braces."""
        return ".".join("*" if t.startswith("{") else t for t in self.subject.split("."))


@dataclass(frozen=True)
class Ask:
    """A request, its reply and who may send it: user roles and ``service:<name>``."""

    context: str
    request: type[Message]
    reply: type[Message]
    allowed: frozenset[str]

    @property
    def subject(self) -> str:
        """``ask.<context>.<RequestName without Request>``."""
        return f"ask.{self.context}.{self.request.DESCRIPTOR.name.removesuffix('Request')}"


@dataclass(frozen=True)
class Durable:
    """A durable pull consumer of one role. ``max_ack_pending`` 1 keeps order."""

    name: str
    stream: str
    role: str
    filter: str
    max_ack_pending: int = 1000
    ack_wait_s: float = 30


@dataclass(frozen=True)
class Registry:
    """All of it. ``follows`` lists (role, stream) pairs read by ordered consumers."""

    streams: tuple[Stream, ...]
    events: tuple[Event, ...]
    asks: tuple[Ask, ...]
    durables: tuple[Durable, ...]
    follows: tuple[tuple[str, str], ...]
    roles: tuple[str, ...]
    forwarder: str
    """The role that forwards users' requests."""
    dead_letter: Event
    """How a message that could not be handled is reported; has no publishers of its own."""
    extra_publish: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @cached_property
    def by_wire(self) -> dict[str, Event]:
        """Events by wire name."""
        return {event.wire: event for event in (*self.events, self.dead_letter)}

    @cached_property
    def by_message(self) -> dict[type[Message], Event]:
        """Events by message class."""
        return {event.message: event for event in (*self.events, self.dead_letter)}

    @cached_property
    def by_request(self) -> dict[type[Message], Ask]:
        """Asks by request class."""
        return {ask.request: ask for ask in self.asks}

    def asks_of(self, context: str) -> Iterable[Ask]:
        """The requests that ``context`` answers."""
        return (ask for ask in self.asks if ask.context == context)

    def askers(self, ask: Ask) -> set[str]:
        """The roles whose NATS user may send ``ask``."""
        services = {a.removeprefix("service:") for a in ask.allowed if a.startswith("service:")}
        users = (
            {self.forwarder} if any(not a.startswith("service:") for a in ask.allowed) else set()
        )
        return services | users
