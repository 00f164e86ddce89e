"""Where the recorded day of Greenfield Academy lies."""

from dataclasses import dataclass
from pathlib import Path

import vigil


class MissingMaterialError(Exception):
    """The recorded day is not here; ``str(error)`` is a sentence."""


@dataclass(frozen=True)
class Material:
    """The files of ``demo/README.md``."""

    roster: Path
    users: Path
    devices: Path
    agents: Path
    squid: Path
    labels: Path


def find_material(root: Path | None = None) -> Material:
    """The files beside the package, or under ``root``. Raises MissingMaterialError."""
    home = (root or Path(vigil.__file__).resolve().parent.parent) / "demo" / "greenfield"
    found = Material(
        roster=home / "roster.zip",
        users=home / "users.json",
        devices=home / "devices.csv",
        agents=home / "day" / "agents.ndjson",
        squid=home / "day" / "squid.access.log",
        labels=home / "day" / "labels.csv",
    )
    missing = [path.name for path in vars(found).values() if not path.is_file()]
    if missing:
        raise MissingMaterialError(
            f"The recorded school day is not complete: {', '.join(missing)} missing in {home}. "
            "It belongs to the source tree: run the demo from a checkout of the repository, or "
            "make the files with python -m demo.make_roster and python -m demo.make_day."
        )
    return found
