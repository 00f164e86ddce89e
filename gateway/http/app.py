"""Every route of the gateway."""

from importlib.metadata import version

from fastapi import FastAPI

from chassis.bus.bus import Bus
from chassis.http.app import create
from gateway.http import events, front_page, reports
from gateway.http.graphql import graphql_router
from gateway.http.guard import Guard
from gateway.schema.context import Reach
from gateway.settings import Settings
from gateway.streams.event_streams import EventStreams
from gateway.streams.hub import Hub


def create_app(settings: Settings, bus: Bus, hub: Hub, streams: EventStreams) -> FastAPI:
    """The application."""
    app = create(
        "Vigil gateway",
        version("vigil"),
        "GraphQL for a school's own staff, events and reports over plain HTTP.",
    )
    reach = Reach(bus, hub, settings.subscription_lifetime_s)
    app.include_router(graphql_router(settings, reach), prefix="/graphql")
    app.include_router(events.router(bus.verifier, streams))
    app.include_router(reports.router(bus))
    app.include_router(front_page.router(graphiql=settings.introspection))
    app.add_middleware(Guard, limit=settings.body_limit)
    return app
