"""A FeedEvent as CloudEvents 1.0 in JSON, and as a server-sent event."""

import json

from chassis.clock import as_iso
from contracts.gateway.v1 import feed_pb2 as fe


def cloud_event(event: fe.FeedEvent, tenant: str) -> dict[str, object]:
    """The event. What its source did not say is left out of ``data``."""
    data = {
        "incidentId": event.incident_id,
        "reference": event.reference,
        "theme": event.theme,
        "severity": event.severity,
        "state": event.state,
        "escalationId": event.escalation_id,
        "link": event.link,
    }
    return {
        "specversion": "1.0",
        "id": event.id,
        "source": f"urn:vigil:school:{tenant}",
        "type": event.type,
        "subject": event.incident_id,
        "time": as_iso(event.time_ms),
        "datacontenttype": "application/json",
        "data": {name: value for name, value in data.items() if value},
    }


def server_sent(event: fe.FeedEvent, tenant: str, sequence: int) -> bytes:
    """The event with its place in the feed as ``id``."""
    data = json.dumps(cloud_event(event, tenant), separators=(",", ":"))
    return f"id: {sequence}\nevent: {event.type}\ndata: {data}\n\n".encode()
