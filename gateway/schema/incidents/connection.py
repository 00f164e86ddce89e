"""The inbox as a Relay connection.

The shape is Relay's, the ids are not: ``relay.Node`` would wrap them, and they would no longer be
the ids of links, events and exports.
"""

from typing import cast

import strawberry
from strawberry.relay import PageInfo

from contracts.incidents.v1 import views_pb2 as iv
from gateway.schema.incidents.types import Incident


@strawberry.type(description="A row and its place.")
class IncidentEdge:
    """An edge."""

    cursor: str
    node: Incident


@strawberry.type(description="A page of incidents, newest first.")
class IncidentConnection:
    """A page."""

    edges: list[IncidentEdge]
    page_info: PageInfo
    total_count: int = strawberry.field(description="Incidents that match, on all pages.")


def connection(reply: iv.ListIncidentsResponse, *, after: str | None) -> IncidentConnection:
    """The page that ``reply`` holds."""
    cursors = [row.cursor for row in reply.rows]
    return IncidentConnection(
        edges=[
            IncidentEdge(cursor=row.cursor, node=cast("Incident", row.incident))
            for row in reply.rows
        ],
        page_info=PageInfo(
            has_next_page=reply.has_next,
            has_previous_page=bool(after),
            start_cursor=cursors[0] if cursors else None,
            end_cursor=cursors[-1] if cursors else None,
        ),
        total_count=reply.total,
    )
