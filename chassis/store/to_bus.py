"""What a relay needs of the bus."""

from collections.abc import Mapping

from nats.js.errors import NotFoundError

from chassis.bus import headers as h
from chassis.bus.bus import Bus
from chassis.store.publications import Publication, Publish


def to_bus(bus: Bus) -> Publish:
    """Publish a relay's messages, signed, until JetStream has acknowledged."""

    async def publish(publication: Publication, headers: Mapping[str, str]) -> None:
        await bus.publish_raw(
            publication.subject,
            publication.payload,
            {
                h.TYPE: publication.wire_name,
                h.TENANT: publication.tenant_id,
                h.MESSAGE_ID: publication.message_id,
                **publication.headers,
                **headers,
            },
        )

    return publish


class BusStream:
    """The streams that a role feeds, as they are now.

    The role must be allowed ``$JS.API.STREAM.MSG.GET.<stream>``.
    """

    def __init__(self, bus: Bus) -> None:
        self._bus = bus

    async def newest_on(self, publication: Publication) -> str | None:
        """As ``Stream.newest_on``. Raises NATS's errors while it is away."""
        stream = self._bus.registry.by_wire[publication.wire_name].stream
        try:
            message = await self._bus.js.get_last_msg(stream, publication.subject)
        except NotFoundError:
            return None
        return (message.headers or {}).get(h.POSITION)

    def kept_s(self, publication: Publication) -> float:
        """As ``Stream.kept_s``, from the registry."""
        name = self._bus.registry.by_wire[publication.wire_name].stream
        return next(s.max_age_s for s in self._bus.registry.streams if s.name == name)
