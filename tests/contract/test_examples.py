"""Consumers understand the golden messages; producers still say them."""

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from google.protobuf.descriptor import Descriptor
from google.protobuf.message import Message

from chassis.clock import as_datetime
from contracts.examples import example
from contracts.incidents.v1 import events_pb2 as ie
from contracts.registry import REGISTRY
from gateway.streams.feed import DESCRIBED
from services.policy.incidents.adapters.publisher import publish_incident
from services.policy.incidents.domain.finding import JoinedFinding
from services.policy.incidents.domain.incident import Incident

WIRES = [event.wire for event in (*REGISTRY.events, REGISTRY.dead_letter)]


def _unset(message: Message, descriptor: Descriptor) -> list[str]:
    return [field.name for field in descriptor.fields if not _is_set(message, field.name)]


def _is_set(message: Message, name: str) -> bool:
    return name in {field.name for field, _ in message.ListFields()}


@pytest.mark.parametrize("wire", WIRES)
def test_every_message_has_an_example_with_every_field(wire: str) -> None:
    message = example(wire)
    assert _unset(message, message.DESCRIPTOR) == []
    assert type(message).FromString(message.SerializeToString()) == message


@pytest.mark.parametrize("wire", sorted(DESCRIBED))
def test_the_feed_understands_what_it_hears(wire: str) -> None:
    told = DESCRIBED[wire](example(wire))
    assert told.type
    assert told.time_ms


AT = as_datetime(1794297000000)
ME = UUID("7d0f9a44-57b6-5c1e-9a1f-0c8a5c6f3b10")


def _said(event_class: type[Any], **fields: Any) -> Message:
    event = event_class(
        originator_id=ME,
        originator_version=2,
        timestamp=AT,
        school_id="2e212572-e7ee-516f-99b5-0213723405fc",
        **fields,
    )
    publication = publish_incident(event, 1)
    assert publication is not None
    assert publication.message_id == f"{ME}:2"
    return REGISTRY.by_wire[publication.wire_name].message.FromString(publication.payload)


def _finding() -> dict[str, Any]:
    golden: Any = example("incidents.FindingJoined.v1")
    return asdict(
        JoinedFinding(
            finding_id=golden.finding_id,
            activity_id="lt014-23",
            activity_kind=golden.activity_kind,
            theme=golden.theme,
            severity=golden.severity,
            confidence=golden.confidence,
            rule_id=golden.rule_id,
            evaluation_hash=golden.evaluation_hash,
            device_id=golden.device_id,
            occurred_at_ms=golden.occurred_at_ms,
            received_at_ms=golden.received_at_ms,
            offline=golden.offline,
            four_c="content",
            intent="personal",
            key_id="k",
            sealed=b"s",
            context=b"c",
            context_count=1,
        )
    )


USER = "657a9508-33ce-5c00-9ccc-0630b838a58c"
CASES = [
    (
        ie.IncidentOpened,
        Incident.Created,
        {
            "originator_topic": "x",
            "person_id": "3a2c5f0e-8d11-5f0b-8a55-1d2f4b7c9e01",
            "family": "harm_to_self",
            "theme": "self_harm",
            "severity": 4,
            "year_group": 9,
            "key_id": "k",
            "occurred_at_ms": 1794297000000,
            "received_at_ms": 1794297000000,
        },
    ),
    (ie.FindingJoined, Incident.FindingJoined, {"finding": _finding()}),
    (
        ie.SeverityRaised,
        Incident.SeverityRaised,
        {"theme": "self_harm", "previous": 3, "severity": 4},
    ),
    (ie.IncidentAcknowledged, Incident.Acknowledged, {"by_user": USER}),
    (ie.IncidentNoted, Incident.Noted, {"by_user": USER, "note_id": "n", "sealed": b"s"}),
    (ie.IncidentRevealed, Incident.Revealed, {"by_user": USER, "purpose": "triage"}),
    (
        ie.IncidentClosed,
        Incident.Closed,
        {"by_user": USER, "outcome": "pastoral", "sealed": b"s"},
    ),
]


@pytest.mark.parametrize(("message", "event", "fields"), CASES, ids=lambda x: str(x)[:40])
def test_incidents_say_the_golden_messages(
    message: type[Message], event: type[Any], fields: dict[str, Any]
) -> None:
    wire = REGISTRY.by_message[message].wire
    golden: Any = example(wire)
    said: Any = _said(event, **fields)
    if hasattr(golden, "reference"):
        golden.reference = said.reference
    assert said == golden


def test_times_are_utc() -> None:
    assert datetime(2026, 11, 10, 7, 50, tzinfo=UTC) == AT
