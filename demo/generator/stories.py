"""The planted activities: concerns, look-alikes and the four stories of devices."""

from dataclasses import dataclass, field
from functools import cache
from typing import Any

from demo.generator.background import search_url
from demo.generator.clock import at
from demo.generator.devices import devices
from demo.generator.files import read_toml

_FIELDS = {
    "kind": "kind",
    "app": "application",
    "url": "url",
    "title": "title",
    "text": "text",
    "conv": "conversation",
    "with": "counterpart",
}
QUIET_DEVICE = "gf-lt-009"
QUIET_FROM = "11:20"


@dataclass(frozen=True)
class Label:
    """What an activity is: ``concern`` or ``look_alike``, of a theme. Look-alikes weigh nothing."""

    label: str
    theme: str
    severity: str = ""
    wording: str = ""
    note: str = ""

    @property
    def row(self) -> tuple[str, ...]:
        """The cells after the id in ``labels.csv``."""
        return (self.label, self.theme, self.severity, self.wording, self.note)


@dataclass(frozen=True)
class Planted:
    """One planted activity, its device and, unless it is benign, its label."""

    device: str
    login: str
    at_ms: int
    fields: dict[str, Any] = field(hash=False)
    label: Label | None = None


def label_of(entry: dict[str, Any]) -> Label | None:
    """Return the label an entry of the sources carries, if any."""
    if "theme" not in entry:
        return None
    return Label(
        entry.get("label", "look_alike"),
        entry["theme"],
        str(entry.get("severity", "")),
        entry.get("wording", ""),
        entry.get("note", ""),
    )


def _plant(entry: dict[str, Any], device: str, login: str, *, offline: bool = False) -> Planted:
    fields: dict[str, Any] = {to: entry[name] for name, to in _FIELDS.items() if name in entry}
    if fields["kind"] == "search":
        fields["url"] = search_url(fields["text"])
    if offline:
        fields["offline"] = True
    return Planted(device, login, at(entry["at"]), fields, label_of(entry))


def _grooming(story: dict[str, Any], device: str) -> list[Planted]:
    planted = []
    now = at(story["start"])
    shared = {k: story[k] for k in ("app", "conv", "with")}
    for pause, way, text, *judged in story["lines"]:
        now += pause * 1000
        kind = "message_received" if way == "in" else "message_sent"
        fields = {"kind": kind} | {_FIELDS[k]: v for k, v in shared.items()} | {"text": text}
        label = None
        if judged:
            severity, wording, note = judged
            label = Label("concern", story["theme"], str(severity), wording, note)
        planted.append(Planted(device, story["who"], now, fields, label))
    return planted


@cache
def script() -> dict[str, Any]:
    """Return the sources of the concerns and of the device stories."""
    return read_toml("concerns.toml")


def planted() -> list[Planted]:
    """Return every planted activity of the agents, unsorted."""
    owned = {d.login: d.name for d in devices() if d.login}
    entries = script()["activities"] + read_toml("look_alikes.toml")["activities"]
    offline = script()["offline"]
    return [
        *(_plant(e, owned[e["who"]], e["who"]) for e in entries),
        *(
            _plant(e, offline["device"], offline["who"], offline=True)
            for e in offline["activities"]
        ),
        *_grooming(script()["grooming"], owned[script()["grooming"]["who"]]),
    ]
