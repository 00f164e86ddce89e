"""Changes of incidents as they happen."""

import asyncio
from collections.abc import AsyncIterator
from typing import cast

import strawberry

from chassis.auth import require
from chassis.clock import now_ms
from chassis.errors import NotFoundError, UnauthenticatedError
from contracts.incidents.v1 import views_pb2 as iv
from gateway.schema.context import Context, Info
from gateway.schema.fields import pushed
from gateway.schema.incidents.types import Incident
from gateway.streams.hub import Change


@strawberry.type(description="Something happened to an incident.")
class IncidentChange:
    """A change, and the incident as a query shows it at that moment or later."""

    kind: str = strawberry.field(description="One of the kinds of a TimelineEntry.")
    missed: int = strawberry.field(
        description="Changes dropped just before this one because the client was slow. "
        "When it is not 0, query the inbox again."
    )
    incident: Incident


@strawberry.type
class IncidentSubscriptions:
    """Pushed over graphql-transport-ws."""

    @pushed(
        "Every change of the school's incidents from now on. Completes after a while: "
        "subscribe again. Ends with the code UNAUTHENTICATED when the token expires."
    )
    async def incident_changed(
        self, info: Info, minimum_severity: int | None = None
    ) -> AsyncIterator[IncidentChange]:
        """Read each changed incident as the subscriber, who is refused as in a query."""
        context = info.context
        caller = context.caller
        # Whoever may not read an incident learns it now, not at the school's next one.
        require(caller, context.reach.bus.registry.by_request[iv.GetIncidentRequest].allowed)
        loop = asyncio.get_running_loop()
        expires = loop.time() + caller.expires_at - now_ms() / 1000
        ends = loop.time() + context.reach.subscription_lifetime_s
        missed = 0
        with context.reach.hub.subscribe(caller.tenant) as subscriber:
            while (change := await subscriber.next(min(expires, ends))) is not None:
                missed += change.missed
                incident = await _read(context, change)
                if incident is not None and incident.severity >= (minimum_severity or 0):
                    yield IncidentChange(
                        kind=change.kind, missed=missed, incident=cast("Incident", incident)
                    )
                    missed = 0
            if not subscriber.closed and expires <= ends:
                raise UnauthenticatedError(
                    "token_expired", "the token has expired; ask for a new one"
                )


async def _read(context: Context, change: Change) -> iv.IncidentView | None:
    request = iv.GetIncidentRequest(incident_id=change.incident_id, after_position=change.position)
    try:
        return (await context.ask(request, iv.CaseView)).incident
    except NotFoundError:
        return None
