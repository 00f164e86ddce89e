"""An incident in one line of plain words: never a name, never what was written."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from services.alerting.domain.words import SEVERITIES, theme_in_words

STYLES = {1: "dim", 2: "default", 3: "yellow", 4: "red", 5: "bold red"}
"""How a severity looks on a terminal."""

STATES = {"OPEN": "open", "ACKNOWLEDGED": "acknowledged", "CLOSED": "closed"}
KINDS = {
    "opened": "opened",
    "finding_joined": "another finding",
    "severity_raised": "more severe now",
    "acknowledged": "acknowledged",
    "noted": "a note was added",
    "revealed": "name and words were seen",
    "closed": "closed",
}

Incident = dict[str, Any]


def year_in_words(year_group: int | None) -> str:
    """``Year 9``, or ``no year`` for whom the roster gives none."""
    return "no year" if year_group is None else f"Year {year_group}"


def findings_in_words(count: int) -> str:
    """``1 finding``, ``3 findings``."""
    return f"{count} finding" if count == 1 else f"{count} findings"


def line(at: datetime, incident: Incident, zone: ZoneInfo) -> str:
    """When, which, how severe, what about, which year, how far and how much."""
    return (
        f"{at.astimezone(zone):%H:%M:%S}  {incident['reference']}  "
        f"{SEVERITIES[incident['severity']]:<6}  {theme_in_words(incident['theme']):<32.32}  "
        f"{year_in_words(incident['yearGroup']):<7}  {STATES[incident['state']]:<12}  "
        f"{findings_in_words(incident['findingCount'])}"
    )
