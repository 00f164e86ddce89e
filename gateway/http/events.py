"""``GET /v1/events``: the school's events for its integrators, as CloudEvents over SSE."""

from typing import Annotated

from fastapi import APIRouter, Header, Query, Request
from starlette.responses import Response

from chassis.auth import Verifier, require
from chassis.errors import InvalidError
from gateway.security.sign_in import signed_in
from gateway.streams.event_streams import EventStreams

ALLOWED = frozenset({"integrator", "dsl", "head", "it"})
_LARGEST = 2**63 - 2


def router(verifier: Verifier, streams: EventStreams) -> APIRouter:
    """The route."""
    routes = APIRouter()

    @routes.get(
        "/v1/events",
        summary="Events as they happen",
        response_class=Response,
        responses={200: {"content": {"text/event-stream": {}}}},
    )
    async def events(
        request: Request,
        last_event_id: Annotated[str | None, Header()] = None,
        last_event_id_in_query: Annotated[str | None, Query(alias="lastEventId")] = None,
    ) -> Response:
        """Resumes after ``Last-Event-ID`` (or ``?lastEventId=``); without one, starts at now."""
        caller, _ = signed_in(request, verifier)
        require(caller, ALLOWED)
        return streams.open(caller, _sequence(last_event_id or last_event_id_in_query))

    return routes


def _sequence(given: str | None) -> int | None:
    if not given:
        return None
    if not (given.isascii() and given.isdigit() and int(given) <= _LARGEST):
        raise InvalidError("bad_last_event_id", "Last-Event-ID is the id of an event of this feed")
    return int(given)
