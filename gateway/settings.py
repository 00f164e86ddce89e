"""What the gateway reads from its environment."""

from pydantic import Field

from chassis.settings import HttpSettings


class Settings(HttpSettings):
    """Addresses and caps; every cap is per process."""

    link_base: str = Field(description="Base of the links in events, without a trailing slash")
    introspection: bool = Field(
        default=False, description="Let clients read the schema, and serve GraphiQL"
    )
    allowed_origins: tuple[str, ...] = Field(
        default=(), description="Other origins whose pages may open a WebSocket, as a JSON list"
    )
    body_limit: int = Field(
        default=262_144, ge=1, description="Bytes of an HTTP body or of a WebSocket message"
    )
    subscriptions_per_school: int = Field(default=200, ge=1)
    subscription_queue: int = Field(
        default=100, ge=1, description="Changes held for a slow subscriber before the oldest go"
    )
    subscription_lifetime_s: float = Field(
        default=43_200, gt=0, description="A subscription completes after this many seconds"
    )
    event_streams_per_school: int = Field(default=20, ge=1)
    event_stream_lifetime_s: float = Field(
        default=3_600, gt=0, description="An event stream ends after this many seconds"
    )
    event_heartbeat_s: float = Field(
        default=15, gt=0, description="Seconds of silence after which a comment is sent"
    )
