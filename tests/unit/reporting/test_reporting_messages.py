"""The tables of what is heard, held against the registry."""

import asyncio

import pytest

from chassis.errors import TransientError
from contracts.directory.v1.states_pb2 import SchoolState
from contracts.incidents.v1.events_pb2 import IncidentOpened, SeverityRaised
from contracts.registry import REGISTRY
from services.reporting.adapters.facts import MongoFacts
from services.reporting.application.time_zones import DEFAULT, TimeZones
from services.reporting.entrypoints import messages
from services.reporting.projections import incident_facts as project


def _wires(stream: str) -> set[str]:
    return {event.wire for event in REGISTRY.events if event.stream == stream}


def test_every_message_moves_the_position() -> None:
    facts, zones = MongoFacts.__new__(MongoFacts), TimeZones(asyncio.Event())
    assert set(messages.incidents(facts, zones)) == _wires("INCIDENTS")
    assert set(messages.alerts(facts)) == _wires("ALERTS")


def test_an_incident_counts_under_its_gravest_finding() -> None:
    opened = IncidentOpened(incident_id="i", theme="bullying", severity=2, opened_at_ms=7)
    raised = SeverityRaised(incident_id="i", theme="self-harm", previous=2, severity=5)
    facts = {**project.opened(opened, "2026-W46").facts, **project.raised(raised).facts}
    assert facts == {
        "theme": "self-harm",
        "severity": 5,
        "opened_at_ms": 7,
        "week": "2026-W46",
    }


def test_year_group_nought_is_a_year_group() -> None:
    assert project.opened(IncidentOpened(year_group=0), "w").facts["year_group"] == 0
    assert "year_group" not in project.opened(IncidentOpened(), "w").facts


def test_time_zones_wait_for_directory_and_then_always_answer() -> None:
    caught_up = asyncio.Event()
    zones = TimeZones(caught_up)
    with pytest.raises(TransientError):
        zones.of("s")
    caught_up.set()
    zones.learn("s", SchoolState(time_zone="Atlantic/Azores"))
    zones.learn("t", SchoolState(time_zone="Middle/Earth"))
    assert zones.of("s").key == "Atlantic/Azores"
    assert zones.of("t") == zones.of("never-heard-of") == DEFAULT
