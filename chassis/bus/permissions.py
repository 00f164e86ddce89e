"""What each role's NATS user may publish and subscribe, from the registry alone.

NATS does not check reply subjects, so permissions are one half of the fence; consumers refuse
what came by a forged reply (``consume.py``) and nobody has ``allow_responses``.
"""

from dataclasses import dataclass

from chassis.bus.registry import Registry

PROVISIONER = "provisioner"


@dataclass(frozen=True)
class Permissions:
    """Subjects a user may publish to and subscribe to; all others are denied."""

    publish: list[str]
    subscribe: list[str]


def permissions(registry: Registry, role: str) -> Permissions:
    """The permissions of ``role``. ``provisioner`` alone manages streams and consumers."""
    inbox = f"_INBOX.{role}.>"
    if role == PROVISIONER:
        return Permissions(["$JS.API.>"], [inbox])
    publish = {event.pattern for event in registry.events if role in event.publishers}
    publish |= {ask.subject for ask in registry.asks if role in registry.askers(ask)}
    subscribe = {inbox}
    if any(registry.asks_of(role)):
        subscribe.add(f"ask.{role}.>")
        publish.add("_INBOX.>")
    publish |= _consuming(registry, role)
    publish.update(registry.extra_publish.get(role, ()))
    return Permissions(sorted(publish), sorted(subscribe))


def _consuming(registry: Registry, role: str) -> set[str]:
    publish: set[str] = set()
    for durable in registry.durables:
        if durable.role == role:
            # A stream read by one role alone is given whole: 64 shards would be 128 lines.
            alone = {d.role for d in registry.durables if d.stream == durable.stream} == {role}
            name = "*" if alone else durable.name
            publish.add(f"$JS.API.CONSUMER.MSG.NEXT.{durable.stream}.{name}")
            publish.add(f"$JS.ACK.{durable.stream}.{name}.>")
            publish.add(f"dead.{durable.name}.*")
    for follower, stream in registry.follows:
        if follower == role:
            publish.add(f"$JS.API.CONSUMER.CREATE.{stream}")
            publish.add(f"$JS.API.CONSUMER.CREATE.{stream}.>")
            publish.add(f"$JS.API.CONSUMER.INFO.{stream}.*")
            publish.add(f"$JS.FC.{stream}.>")
    return publish
