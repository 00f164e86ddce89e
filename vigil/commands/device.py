"""``vigil device``: give devices their tokens."""

import csv
import json
from pathlib import Path

import click

from chassis.bus.bus import Bus
from contracts.directory.v1 import requests_pb2 as dr
from vigil.commands.asking import ask, data_option, json_option, say_json, school_option
from vigil.connection import school_by_slug
from vigil.embedded.private_files import write_private

Entry = dict[str, str]


@click.group()
def device() -> None:
    """Enrol devices."""


@device.command()
@school_option
@click.option("--name")
@click.option("--kind", help="laptop, chromebook, desktop, proxy or the like.")
@click.option(
    "--file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="CSV with the columns name and kind; others are passed on to --out.",
)
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the tokens here (JSON, readable by you alone) instead of printing them.",
)
@json_option
@data_option
def enrol(
    school: str,
    name: str | None,
    kind: str | None,
    file: Path | None,
    out: Path | None,
    as_json: bool,
    data: Path,
) -> None:
    """Enrol devices. A token is shown once; a known device gets a new one and the old one ends."""
    if (file is None) == (name is None and kind is None):
        raise click.UsageError("give either --file, or --name and --kind")
    if file is None and not (name and kind):
        raise click.UsageError("a device needs --name and --kind")
    entries = _read(file) if file else [{"name": name or "", "kind": kind or ""}]
    enrolled: list[Entry] = []

    async def work(bus: Bus) -> None:
        state = await school_by_slug(bus, school)
        for entry in entries:
            request = dr.EnrolDeviceRequest(name=entry["name"], kind=entry["kind"])
            answer = await bus.ask(request, dr.EnrolDeviceResponse, tenant=state.school_id)
            enrolled.append({**entry, "device_id": answer.device_id, "token": answer.token})

    try:
        ask(data, work)
    finally:
        # Also when it broke off: the tokens so far are in force and shown nowhere else.
        _show(enrolled, out, as_json)


def _show(enrolled: list[Entry], out: Path | None, as_json: bool) -> None:
    if out is not None:
        text = json.dumps(enrolled, indent=2, ensure_ascii=False) + "\n"
        write_private(out, text.encode())
        click.echo(f"Enrolled {len(enrolled)} devices; their tokens are in {out}.")
    elif as_json:
        say_json(enrolled)
    else:
        for entry in enrolled:
            click.echo(f"{entry['name']}  {entry['device_id']}  {entry['token']}")


def _read(file: Path) -> list[Entry]:
    try:
        with file.open(encoding="utf-8-sig", newline="") as text:
            rows = list(csv.DictReader(text, restval=""))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise click.UsageError(f"{file} can't be read as CSV: {error}") from error
    if not rows or not {"name", "kind"} <= rows[0].keys():
        raise click.UsageError(f"{file} needs the columns name and kind, and a row")
    return [{column: cell for column, cell in row.items() if column} for row in rows]
