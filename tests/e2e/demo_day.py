"""The recorded day of Greenfield Academy, as posts of its devices."""

import csv
import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from agents.connectors.squid import batches, parse

GREENFIELD = Path(__file__).parents[2] / "demo" / "greenfield"


@dataclass(frozen=True)
class Post:
    """One batch of one device."""

    device: str
    body: dict[str, Any]

    @property
    def batch_id(self) -> str:
        return str(self.body["batch_id"])

    @property
    def login(self) -> str:
        return str(self.body["activities"][0]["login"])

    @property
    def activity_ids(self) -> set[str]:
        return {activity["id"] for activity in self.body["activities"]}


def posts() -> list[Post]:
    """What agents posted, in the order of the day."""
    lines = (GREENFIELD / "day" / "agents.ndjson").read_text().splitlines()
    said = (json.loads(line) for line in lines)
    return [
        Post(line["device"], {name: line[name] for name in ("batch_id", "activities")})
        for line in said
        if "batch_id" in line
    ]


def proxy_posts() -> list[Post]:
    """What the proxy's connector makes of its log."""
    log = (GREENFIELD / "day" / "squid.access.log").read_text().splitlines()
    return [
        Post("gf-proxy-1", json.loads(msgspec.json.encode(batch)))
        for _, batch in batches(parse(log))
    ]


def marks() -> list[str]:
    return (GREENFIELD / "marks.txt").read_text().split()


def labelled(label: str) -> set[str]:
    """Ids of the activities that a careful person labelled so."""
    with (GREENFIELD / "day" / "labels.csv").open(newline="") as text:
        return {row["activity_id"] for row in csv.DictReader(text) if row["label"] == label}


def holding(found: Iterable[Post], ids: set[str]) -> list[Post]:
    return [post for post in found if post.activity_ids & ids]
