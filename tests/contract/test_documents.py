"""The committed documents are those that the registry gives."""

from pathlib import Path

from contracts.documents import render
from contracts.registry import OPERATOR, REGISTRY

ROOT = Path(__file__).parents[2]


def test_the_committed_contexts_are_the_registrys() -> None:
    committed = (ROOT / "docs/contexts.md").read_text()
    assert committed == render(REGISTRY), "run: python -m contracts.documents > docs/contexts.md"


def test_everything_in_the_registry_is_told() -> None:
    told = render(REGISTRY)
    assert all(f"| `{stream.name}` |" in told for stream in REGISTRY.streams)
    assert all(f"| `{event.wire}` |" in told for event in REGISTRY.events)
    assert all(f"| `{ask.subject}` |" in told for ask in REGISTRY.asks)
    assert all(f"| {user} |" in told for user in (*REGISTRY.roles, OPERATOR))


def test_who_hears_follows_the_filters() -> None:
    lines = [line.split(" | ") for line in render(REGISTRY).splitlines()]
    hearers = {cells[0].strip("| `"): cells[-1].strip(" |") for cells in lines if len(cells) == 5}
    assert hearers["capture.ActivityBatch.v1"] == "evaluation"
    assert hearers["evaluation.Finding.v1"] == "incidents"
    assert hearers["incidents.IncidentOpened.v1"] == "alerting, gateway, reporting"
    assert hearers["alerting.TimerFired.v1"] == "alerting"
    assert hearers["capture.CoverageChanged.v1"] == "nobody"
