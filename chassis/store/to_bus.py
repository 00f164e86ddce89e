"""What a relay needs to publish on the bus."""

from collections.abc import Mapping

from chassis.bus import headers as h
from chassis.bus.bus import Bus
from chassis.store.relay import Publication, Publish


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
