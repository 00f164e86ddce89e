"""``docs/contexts.md``: the registry as tables for people (``python -m contracts.documents``)."""

import re
import sys
from collections.abc import Iterable

from chassis.bus.permissions import PROVISIONER, permissions
from chassis.bus.registry import Durable, Registry, Stream
from contracts.registry import REGISTRY

HEAD = """\
# Who says what to whom

Made from [`contracts/registry.py`](../contracts/registry.py) by
[`contracts/documents.py`](../contracts/documents.py), and held against it by a test. Change the
registry, then run `python -m contracts.documents > docs/contexts.md`.
"""
SERVICE = "service:"
DAY_S = 86_400.0
_NUMBER = re.compile(r"\d+")


def render(registry: Registry) -> str:
    """The whole document."""
    return "\n".join(
        (
            HEAD,
            _section("Streams", "", _streams(registry)),
            _section(
                "Events",
                "What a stream holds, who alone may say it, and who hears its subjects.",
                _events(registry),
            ),
            _section(
                "Requests",
                "Users' roles ask through the gateway, with their own token; a service asks with "
                "its own.",
                _asks(registry),
            ),
            _section(
                "Durable consumers",
                "Acknowledged one by one. What can't be handled goes to `DEAD`. One *at once* "
                "keeps order.",
                _durables(registry),
            ),
            _section(
                "Followers",
                "Streams read in order without acknowledging, for a copy or to push what is new.",
                _follows(registry),
            ),
            _section(
                "NATS permissions",
                "What each user may publish; it may subscribe to its own inbox, and to its own "
                "requests where it answers any. Nobody has `allow_responses`.",
                _permissions(registry),
            ),
        )
    )


def _section(title: str, words: str, table: str) -> str:
    return "\n\n".join(part for part in (f"## {title}", words, table) if part) + "\n"


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = (head, ("---",) * len(head), *rows)
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def _code(items: Iterable[str]) -> str:
    return ", ".join(f"`{item}`" for item in items)


def _streams(registry: Registry) -> str:
    return _table(
        ("stream", "subjects", "kept"),
        ((f"`{s.name}`", _code(s.subjects), _kept(s)) for s in registry.streams),
    )


def _kept(stream: Stream) -> str:
    age = f"{stream.max_age_s / DAY_S:.0f} days" if stream.max_age_s else "for good"
    said = ["the last of each subject" if stream.last_only else age]
    if stream.ttl:
        said.append("or until a message's own time is over")
    if stream.schedules:
        said.append("may hold scheduled messages")
    return "; ".join(said)


def _events(registry: Registry) -> str:
    return _table(
        ("event", "stream", "subject", "said by", "heard by"),
        (
            (
                f"`{event.wire}`",
                f"`{event.stream}`",
                f"`{event.subject}`",
                ", ".join(sorted(event.publishers)) or "every consumer",
                _hearers(registry, event.stream, event.pattern) or "nobody",
            )
            for event in (*registry.events, registry.dead_letter)
        ),
    )


def _hearers(registry: Registry, stream: str, pattern: str) -> str:
    roles = {d.role for d in registry.durables if d.stream == stream and _meet(d.filter, pattern)}
    roles |= {role for role, followed in registry.follows if followed == stream}
    return ", ".join(sorted(roles))


def _meet(wanted: str, pattern: str) -> bool:
    """Whether a subject can match both, each with ``*``, the first perhaps ending in ``>``."""
    left, right = wanted.split("."), pattern.split(".")
    if left[-1] == ">":
        left = left[:-1]
        right = right[: len(left)]
    return len(left) == len(right) and all(
        a == b or "*" in (a, b) for a, b in zip(left, right, strict=True)
    )


def _asks(registry: Registry) -> str:
    return _table(
        ("request", "answered with", "services that may", "users that may"),
        (
            (
                f"`{ask.subject}`",
                f"`{ask.reply.DESCRIPTOR.name}`",
                ", ".join(sorted(a.removeprefix(SERVICE) for a in ask.allowed if _service(a))),
                ", ".join(sorted(a for a in ask.allowed if not _service(a))),
            )
            for ask in registry.asks
        ),
    )


def _service(allowed: str) -> bool:
    return allowed.startswith(SERVICE)


def _durables(registry: Registry) -> str:
    return _table(
        ("consumer", "stream", "of", "filter", "at once", "given again after"),
        (
            (
                f"`{name}`",
                f"`{durable.stream}`",
                durable.role,
                f"`{filter_}`",
                str(durable.max_ack_pending),
                f"{durable.ack_wait_s:g} s",
            )
            for name, filter_, durable in _families(registry.durables)
        ),
    )


def _families(durables: Iterable[Durable]) -> Iterable[tuple[str, str, Durable]]:
    """Name, filter and an example; consumers that differ by a number only are one row."""
    groups: dict[tuple[str, str], list[Durable]] = {}
    for durable in durables:
        stem = durable.name.rstrip("0123456789")
        groups.setdefault((durable.stream, stem), []).append(durable)
    for members in groups.values():
        first, last = members[0], members[-1]
        if len(members) == 1:
            yield first.name, first.filter, first
        else:
            yield f"{first.name}` to `{last.name}", f"{first.filter}` to `{last.filter}", first


def _follows(registry: Registry) -> str:
    return _table(
        ("follower", "stream"),
        ((role, f"`{stream}`") for role, stream in sorted(registry.follows)),
    )


def _users(registry: Registry) -> tuple[str, ...]:
    """The NATS users: the roles, services that only ask, and who provisions."""
    askers = {a.removeprefix(SERVICE) for k in registry.asks for a in k.allowed if _service(a)}
    return (*registry.roles, *sorted(askers - set(registry.roles)), PROVISIONER)


def _permissions(registry: Registry) -> str:
    return _table(
        ("user", "may publish"),
        (
            (user, "<br>".join(_shortened(permissions(registry, user).publish)))
            for user in _users(registry)
        ),
    )


def _shortened(subjects: Iterable[str]) -> Iterable[str]:
    """The subjects as code; those that differ by a number only are one."""
    groups: dict[str, list[str]] = {}
    for subject in subjects:
        groups.setdefault(_NUMBER.sub("#", subject), []).append(subject)
    for alike in groups.values():
        yield f"`{alike[0]}`" if len(alike) == 1 else f"`{alike[0]}` to `{alike[-1]}`"


if __name__ == "__main__":
    sys.stdout.write(render(REGISTRY))
