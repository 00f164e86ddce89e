"""``/graphql``: POST, graphql-transport-ws, and GraphiQL where the schema may be read."""

from datetime import timedelta

from starlette.requests import HTTPConnection
from strawberry.exceptions import ConnectionRejectionError
from strawberry.fastapi import GraphQLRouter
from strawberry.subscriptions import GRAPHQL_TRANSPORT_WS_PROTOCOL
from strawberry.types.unset import UnsetType

from chassis.errors import VigilError
from gateway.schema.context import Context, Reach
from gateway.schema.schema import create_schema
from gateway.security.sign_in import signed_in, token_of, user
from gateway.settings import Settings

SIGN_IN_WITHIN = timedelta(seconds=10)
OPERATIONS_PER_SOCKET = 20


class Router(GraphQLRouter[Context, None]):
    """Signs WebSockets in by their first message, for browsers cannot send them a header."""

    async def on_ws_connect(self, context: Context) -> UnsetType | dict[str, object] | None:
        """Close with 4403 unless the payload, or the handshake, holds a valid token."""
        sent = context.connection_params or {}
        request = context.request
        header = request.headers.get("authorization") if request is not None else None
        try:
            token = token_of(sent.get("authorization") or sent.get("Authorization") or header)
            user(context.reach.bus.verifier, token)
        except VigilError:
            raise ConnectionRejectionError from None
        context.token = token
        return await super().on_ws_connect(context)


def graphql_router(settings: Settings, reach: Reach) -> Router:
    """The routes under ``/graphql``."""

    async def context(connection: HTTPConnection) -> Context:
        # GET serves GraphiQL alone and a WebSocket signs in by its first message.
        posted = connection.scope["type"] == "http" and connection.scope["method"] == "POST"
        token = signed_in(connection, reach.bus.verifier)[1] if posted else None
        return Context(reach, token)

    return Router(
        create_schema(introspection=settings.introspection),
        graphql_ide="graphiql" if settings.introspection else None,
        allow_queries_via_get=False,
        context_getter=context,
        subscription_protocols=[GRAPHQL_TRANSPORT_WS_PROTOCOL],
        connection_init_wait_timeout=SIGN_IN_WITHIN,
        max_subscriptions_per_connection=OPERATIONS_PER_SOCKET,
        allowed_origins=settings.allowed_origins,
    )
