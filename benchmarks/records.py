"""What the system itself wrote down about each concern: moments from streams, store and mailbox."""

import email
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from google.protobuf.message import Message
from nats.aio.msg import Msg
from nats.errors import TimeoutError as NatsTimeout
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy
from running import Running

from contracts.alerting.v1 import alerting_pb2 as al
from contracts.evaluation.v1.evaluation_pb2 import Finding
from contracts.incidents.v1 import events_pb2 as ie
from contracts.registry import REGISTRY

STREAMS = ("ACTIVITY", "FINDINGS", "INCIDENTS", "ALERTS")
PAGE = 500

M = TypeVar("M", bound=Message)


@dataclass
class Story:
    """One alarming activity's way; seconds since the epoch, None where it was not seen."""

    activity: str
    due: float
    answered: float
    stored: float | None = None
    found: float | None = None
    committed: float | None = None
    published: float | None = None
    pushed: float | None = None
    alerted: float | None = None
    mailed: float | None = None
    incident: str = ""


@dataclass(frozen=True)
class Place:
    """Where the streams stood at a moment."""

    sequences: Mapping[str, int]
    at: datetime


@dataclass
class Records:
    """Moments by what identifies them."""

    stored: dict[str, float] = field(default_factory=dict)
    found: dict[str, tuple[str, float]] = field(default_factory=dict)
    findings: int = 0
    joined: dict[str, str] = field(default_factory=dict)
    published: dict[str, float] = field(default_factory=dict)
    committed: dict[str, float] = field(default_factory=dict)
    alerted: dict[str, tuple[str, float]] = field(default_factory=dict)
    mailed: dict[str, float] = field(default_factory=dict)

    def tell(self, story: Story) -> None:
        """Fill in a story: batch, finding, incident, message, mail."""
        story.stored = self.stored.get(story.activity.rpartition("-")[0])
        finding, story.found = self.found.get(story.activity, ("", None))
        story.incident = self.joined.get(finding, "")
        story.published = self.published.get(story.incident)
        story.committed = self.committed.get(story.incident)
        message, story.alerted = self.alerted.get(story.incident, ("", None))
        story.mailed = self.mailed.get(message)


async def place(system: Running) -> Place:
    """Where the streams stand now."""
    last = {s: (await system.js.stream_info(s)).state.last_seq for s in STREAMS}
    return Place(last, datetime.now(UTC))


async def records(system: Running, since: Place) -> Records:
    """Everything written down after ``since``."""
    found = Records()
    async for message in _read(system, "ACTIVITY", since, headers_only=True):
        batch = (message.headers or {})["Nats-Msg-Id"].partition(":")[2]
        found.stored.setdefault(batch, _at(message))
    async for message in _read(system, "FINDINGS", since):
        finding = Finding.FromString(message.data)
        found.findings += 1
        found.found.setdefault(finding.activity_id, (finding.finding_id, _at(message)))
    async for message in _read(system, "INCIDENTS", since):
        if opened := _body(message, ie.IncidentOpened):
            found.published.setdefault(opened.incident_id, _at(message))
        elif joined := _body(message, ie.FindingJoined):
            found.joined.setdefault(joined.finding_id, joined.incident_id)
    async for message in _read(system, "ALERTS", since):
        if asked := _body(message, al.NotificationRequested):
            found.alerted.setdefault(asked.incident_id, (asked.message_id, _at(message)))
    found.committed = _committed(system, since)
    found.mailed = _mailed(system.data / "mail")
    return found


async def _read(
    system: Running, stream: str, since: Place, *, headers_only: bool = False
) -> AsyncIterator[Msg]:
    config = ConsumerConfig(
        ack_policy=AckPolicy.NONE,
        deliver_policy=DeliverPolicy.BY_START_SEQUENCE,
        opt_start_seq=since.sequences[stream] + 1,
        headers_only=headers_only or None,
    )
    pulling = await system.js.pull_subscribe(">", stream=stream, config=config)
    left = (await pulling.consumer_info()).num_pending or 0
    try:
        while left > 0:
            page = await pulling.fetch(min(PAGE, left), timeout=5)
            left -= len(page)
            for message in page:
                yield message
    except NatsTimeout:
        raise RuntimeError(f"{left} messages of {stream} did not come") from None
    finally:
        await pulling.unsubscribe()


def _body(message: Msg, wanted: type[M]) -> M | None:
    wire = (message.headers or {}).get("Vigil-Type")
    if wire != REGISTRY.by_message[wanted].wire:
        return None
    return wanted.FromString(message.data)


def _at(message: Msg) -> float:
    return message.metadata.timestamp.timestamp()


def _committed(system: Running, since: Place) -> dict[str, float]:
    """When the primary wrote the commit that opened each incident, by the oplog's wall clock."""
    committed: dict[str, float] = {}
    with system.mongo() as client:
        query = {
            "op": "i",
            "ns": {"$regex": r"^vigil_incidents\.commits_"},
            "wall": {"$gte": since.at},
        }
        for entry in client["local"]["oplog.rs"].find(query, {"wall": 1, "o.ev.o": 1}):
            for event in entry["o"]["ev"]:
                committed.setdefault(str(event["o"]), entry["wall"].timestamp())
    return committed


def _mailed(folder: Path) -> dict[str, float]:
    """When each mail was on the SMTP server's disk, by Message-ID: its 250 follows at once."""
    mailed = {}
    for file in (folder / "new").iterdir() if (folder / "new").exists() else ():
        message = email.message_from_bytes(file.read_bytes())
        mailed[str(message["Message-ID"])] = file.stat().st_mtime
    return mailed


def stories(
    concerns: Sequence[tuple[str, float, float]],
    found: Records,
    pushed: Mapping[str, float],
) -> list[Story]:
    """A story for each (activity id, due, answered)."""
    told = []
    for activity, due, answered in concerns:
        story = Story(activity, due, answered)
        found.tell(story)
        story.pushed = pushed.get(story.incident)
        told.append(story)
    return told
