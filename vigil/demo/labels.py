"""What a careful person says of the day, and how the findings compare."""

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

FLAGGED_FROM = 2
"""Severity 1 is a trend that nobody is shown: it flags nothing."""


@dataclass(frozen=True, slots=True)
class Label:
    """A row of ``labels.csv``: of a concern or of what only looks like one."""

    activity_id: str
    label: str
    theme: str
    wording: str
    note: str


@dataclass(frozen=True, slots=True)
class Found:
    """The findings on one activity."""

    severity: int
    themes: frozenset[str]


@dataclass(frozen=True)
class Score:
    """Findings against labels. ``right_theme``: of the found, those found for that reason."""

    found: tuple[Label, ...]
    missed: tuple[Label, ...]
    right_theme: int
    look_alikes: int
    look_alikes_flagged: tuple[Label, ...]
    benign_flagged: tuple[str, ...]

    def of(self, theme: str, wording: str) -> tuple[int, int]:
        """How many concerns were found, of how many."""
        found = sum(one.theme == theme and one.wording == wording for one in self.found)
        missed = sum(one.theme == theme and one.wording == wording for one in self.missed)
        return found, found + missed

    @property
    def themes(self) -> list[str]:
        """The themes of the concerns, in order."""
        return sorted({one.theme for one in (*self.found, *self.missed)})


def labelled(activity_id: str) -> str:
    """The id under which labels know an activity: a line of Squid's log by its number alone."""
    kind, _, rest = activity_id.partition(":")
    return f"{kind}:{rest.rpartition(':')[2]}" if rest else activity_id


def read_labels(file: Path) -> list[Label]:
    """The concerns and look-alikes; marks say nothing about what an activity means."""
    with file.open(encoding="utf-8", newline="") as rows:
        return [
            Label(row["activity_id"], row["label"], row["theme"], row["wording"], row["note"])
            for row in csv.DictReader(rows)
            if row["label"] in ("concern", "look_alike")
        ]


def score(labels: Iterable[Label], findings: Mapping[str, Found]) -> Score:
    """Compare. ``findings``: activity id to what was found on it."""
    concerns = [label for label in labels if label.label == "concern"]
    look_alikes = [label for label in labels if label.label == "look_alike"]
    labelled = {label.activity_id for label in (*concerns, *look_alikes)}
    flagged = {name for name, found in findings.items() if found.severity >= FLAGGED_FROM}
    found = tuple(one for one in concerns if one.activity_id in findings)
    return Score(
        found=found,
        missed=tuple(one for one in concerns if one.activity_id not in findings),
        right_theme=sum(one.theme in findings[one.activity_id].themes for one in found),
        look_alikes=len(look_alikes),
        look_alikes_flagged=tuple(one for one in look_alikes if one.activity_id in flagged),
        benign_flagged=tuple(sorted(flagged - labelled)),
    )
