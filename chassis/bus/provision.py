"""Create or update the streams and durable consumers of the registry. Safe to run again."""

from nats.js.api import ConsumerConfig, DiscardPolicy, StorageType, StreamConfig
from nats.js.client import JetStreamContext
from nats.js.errors import NotFoundError

from chassis.bus.registry import Durable, Registry, Stream

DEDUPE_S = 120
"""NATS's own default; the lasting fence is in each consumer's store."""
MAX_CONSUMERS = 10_000
"""A stream allows 1,000 by default, fewer than one per SSE connection needs."""


async def provision(js: JetStreamContext, registry: Registry, *, replicas: int = 1) -> None:
    """Make the server's streams and consumers equal to the registry's."""
    for stream in registry.streams:
        config = stream_config(stream, replicas)
        try:
            await js.stream_info(stream.name)
        except NotFoundError:
            await js.add_stream(config)
        else:
            await js.update_stream(config)
    for durable in registry.durables:
        await js.add_consumer(durable.stream, consumer_config(durable))


def stream_config(stream: Stream, replicas: int) -> StreamConfig:
    """The stream as nats-py wants it."""
    return StreamConfig(
        name=stream.name,
        subjects=list(stream.subjects),
        max_age=stream.max_age_s or None,
        max_msgs_per_subject=1 if stream.last_only else -1,
        max_consumers=MAX_CONSUMERS,
        allow_msg_ttl=stream.ttl or None,
        allow_msg_schedules=stream.schedules or None,
        allow_direct=stream.direct or None,
        duplicate_window=DEDUPE_S,
        storage=StorageType.FILE,
        discard=DiscardPolicy.OLD,
        num_replicas=replicas,
    )


def consumer_config(durable: Durable) -> ConsumerConfig:
    """The consumer as nats-py wants it."""
    return ConsumerConfig(
        durable_name=durable.name,
        filter_subject=durable.filter,
        max_ack_pending=durable.max_ack_pending,
        ack_wait=durable.ack_wait_s,
        max_deliver=-1,
    )
