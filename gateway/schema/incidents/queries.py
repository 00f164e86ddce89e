"""Queries that incidents answers."""

from datetime import datetime

import strawberry

from chassis.errors import InvalidError
from contracts.incidents.v1 import views_pb2 as iv
from gateway.schema.context import Info
from gateway.schema.fields import answered
from gateway.schema.incidents.connection import IncidentConnection, connection
from gateway.schema.incidents.types import Case, IncidentState
from gateway.schema.scalars import to_ms

PAGE = 25
LARGEST_PAGE = 100


@strawberry.type
class IncidentQueries:
    """The inbox and one case."""

    @answered("The inbox. Give pageInfo.endCursor as after for the next page; first is 1 to 100.")
    async def incidents(
        self,
        info: Info,
        *,
        first: int = PAGE,
        after: str | None = None,
        state: IncidentState | None = None,
        family: str | None = None,
        theme: str | None = None,
        minimum_severity: int | None = None,
        year_group: int | None = None,
        opened_from: datetime | None = None,
        opened_before: datetime | None = None,
        after_position: str | None = None,
    ) -> IncidentConnection | None:
        """Ask incidents; InvalidError for a page out of bounds or a time without a zone."""
        if not 1 <= first <= LARGEST_PAGE:
            raise InvalidError("bad_first", f"first must be 1 to {LARGEST_PAGE}")
        request = iv.ListIncidentsRequest(
            first=first,
            after=after or "",
            state=state.value if state else None,
            family=family,
            theme=theme,
            minimum_severity=minimum_severity,
            year_group=year_group,
            opened_from_ms=to_ms(opened_from),
            opened_before_ms=to_ms(opened_before),
            after_position=after_position or "",
        )
        reply = await info.context.ask(request, iv.ListIncidentsResponse)
        return connection(reply, after=after)

    @answered("One incident with its timeline, findings and escalations.")
    async def incident(
        self,
        info: Info,
        id: strawberry.ID,  # noqa: A002 - its name in the schema
        after_position: str | None = None,
    ) -> Case | None:
        """Ask incidents; null with an error of code NOT_FOUND when there is none."""
        request = iv.GetIncidentRequest(incident_id=id, after_position=after_position or "")
        return await info.context.show(Case, request)
