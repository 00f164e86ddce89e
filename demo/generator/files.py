"""Where the sources lie, and how files are written so that their bytes never vary."""

import csv
import io
import tomllib
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from random import Random
from typing import Any

DEMO = Path(__file__).parent.parent
SOURCES = DEMO / "sources"
SEED = "greenfield-2026-11-10"


def rng(part: str) -> Random:
    """Return the random source of one part, so that a change in one leaves the others alone."""
    return Random(f"{SEED}/{part}")


def read_toml(name: str) -> dict[str, Any]:
    """Read a TOML file among the sources."""
    return tomllib.loads((SOURCES / name).read_text("utf-8"))


def read_csv(name: str) -> list[dict[str, str]]:
    """Read a CSV file with a header among the sources."""
    with (SOURCES / name).open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def csv_text(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return rows as CSV with line feeds only, whatever the machine."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return out.getvalue()


def write_text(path: Path, text: str) -> None:
    """Write UTF-8 text, making the folder if it is missing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode("utf-8"))


def write_zip(path: Path, members: Mapping[str, str]) -> None:
    """Write a zip whose members carry one fixed timestamp and fixed permissions."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, text in members.items():
            info = zipfile.ZipInfo(name, date_time=(2026, 9, 1, 0, 0, 0))
            info.compress_type = zipfile.ZIP_DEFLATED
            info.create_system = 3
            info.external_attr = 0o644 << 16
            archive.writestr(info, text.encode("utf-8"), compresslevel=9)
