"""What the agents post: activities in batches, heartbeats, one batch late and one twice."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from demo.generator.background import Background
from demo.generator.clock import MINUTE_MS, at
from demo.generator.devices import Device, devices
from demo.generator.files import rng
from demo.generator.sessions import Session, sessions
from demo.generator.stories import QUIET_DEVICE, QUIET_FROM, Label, planted, script

FLUSH_MS = 150_000
MAX_BATCH = 50
HEARTBEAT_MS = 15 * MINUTE_MS
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


@dataclass
class Event:
    """An activity before it has an id."""

    at_ms: int
    login: str
    fields: dict[str, Any]
    label: Label | None = None


@dataclass
class Day:
    """The posts of the day and what is known of the activities in them."""

    posts: list[dict[str, Any]] = field(default_factory=list)
    labels: dict[str, Label] = field(default_factory=dict)


def _short(number: int) -> str:
    digits = ""
    while number or not digits:
        number, rest = divmod(number, len(_DIGITS))
        digits = _DIGITS[rest] + digits
    return digits


def _events() -> dict[str, list[Event]]:
    background = Background()
    offline = script()["offline"]
    away = range(at(offline["start"]), at(offline["send_at"]))
    events: dict[str, list[Event]] = defaultdict(list)
    for session in sessions():
        name = session.device.name
        for at_ms, fields in background.fill(session):
            if name == QUIET_DEVICE and at_ms >= at(QUIET_FROM) - MINUTE_MS:
                break
            if name == offline["device"] and at_ms in away:
                continue
            events[name].append(Event(at_ms, session.login, fields))
    for plant in planted():
        events[plant.device].append(Event(plant.at_ms, plant.login, plant.fields, plant.label))
    return {name: sorted(found, key=lambda e: e.at_ms) for name, found in events.items()}


def _groups(events: list[Event]) -> Iterator[list[Event]]:
    """Divide a device's activities as its agent does: by login, by minute, by number."""
    group: list[Event] = []
    for event in events:
        if group and (
            event.login != group[0].login
            or event.at_ms - group[0].at_ms > FLUSH_MS
            or event.fields.get("offline") != group[0].fields.get("offline")
            or len(group) == MAX_BATCH
        ):
            # What was kept while out of reach goes out in one batch, however long it took.
            if group[0].fields.get("offline") and event.fields.get("offline"):
                group.append(event)
                continue
            yield group
            group = []
        group.append(event)
    if group:
        yield group


def _batches(device: Device, events: list[Event], day: Day) -> Iterator[dict[str, Any]]:
    source = rng(f"posts/{device.name}")
    offline_sent = at(script()["offline"]["send_at"])
    count = 0
    for number, group in enumerate(_groups(events)):
        activities = []
        for event in group:
            sourced = f"{device.short}-{_short(count)}"
            count += 1
            activities.append(
                {"id": sourced, "occurred_at_ms": event.at_ms, "login": event.login} | event.fields
            )
            if event.label:
                day.labels[sourced] = event.label
        send_at_ms = group[-1].at_ms + source.randint(500, 9_000)
        if group[0].fields.get("offline"):
            send_at_ms = offline_sent
        yield {
            "send_at_ms": send_at_ms,
            "device": device.name,
            "batch_id": f"{device.short}-b{_short(number)}",
            "activities": activities,
        }


def _powered(device: Device, own: list[Session]) -> list[range]:
    """Return when a device is on: the school day, and at home around its sessions."""
    spans = [(at("07:30"), at("17:20"))]
    if device.login and device.login[0].isdigit():
        spans = [(at("08:40"), at("15:10"))]
        spans += [(s.start_ms, s.end_ms + HEARTBEAT_MS) for s in own if s.scene == "home"]
    elif not device.login:
        spans = [(at("08:00"), at("16:30"))]
    if device.name == script()["offline"]["device"]:
        spans.append((at("20:00"), at("22:00") + 1))
    if device.name == QUIET_DEVICE:
        spans = [(at("08:40"), at(QUIET_FROM) + 1)]
    return [range(*span) for span in spans]


def _heartbeats(device: Device, own: list[Session]) -> Iterator[dict[str, Any]]:
    offline = script()["offline"]
    away = range(at(offline["start"]), at(offline["send_at"]))
    on = _powered(device, own)
    for now in range(at("07:30"), at("22:00") + 1, HEARTBEAT_MS):
        beats = any(now in span for span in on)
        if device.name == offline["device"]:
            beats = beats and now not in away
        if beats:
            yield {"send_at_ms": now, "device": device.name, "heartbeat": True}


def _resent(posts: list[dict[str, Any]]) -> dict[str, Any]:
    story = script()["resent"]
    for post in posts:
        for activity in post.get("activities", ()):
            key = (post["device"], activity["login"], activity["occurred_at_ms"])
            if key == (story["device"], story["who"], at(story["at"])):
                return post | {"send_at_ms": at(story["again"])}
    raise LookupError("the batch to send again is not in the day")


def build_day() -> Day:
    """Return the whole day, its posts sorted by the time they are sent."""
    day = Day()
    events = _events()
    every = sessions()
    for device in devices():
        if device.kind == "proxy":
            continue
        day.posts += _batches(device, events.get(device.name, []), day)
        day.posts += _heartbeats(device, [s for s in every if s.device == device])
    day.posts.append(_resent(day.posts))
    day.posts.sort(key=lambda p: (p["send_at_ms"], p["device"], p.get("batch_id", "")))
    return day
