"""``vigil roster``: bring a school's people in from its MIS."""

import csv
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

import click

from chassis.bus.bus import Bus
from contracts.directory.v1 import requests_pb2 as dr
from services.directory.adapters.importers.oneroster import read_oneroster
from services.directory.adapters.importers.oneroster_rules import RosterLine
from services.directory.adapters.importers.tables import RowError, UnreadableRosterError
from vigil.commands.asking import ask, data_option, json_option, say_json, school_option
from vigil.connection import school_by_slug

PAGE = 100
"""Rows in a request: answered well before the bus would ask again."""
WITHIN_S = 60.0
ROWS_FAILED = 1
UNREADABLE = 2
SHOWN = 50
"""Errors on the terminal; the file of --errors has all."""


@dataclass
class Report:
    """What became of a roster."""

    people: int = 0
    created: int = 0
    changed: int = 0
    unchanged: int = 0
    seconds: float = 0.0
    dry_run: bool = False
    errors: list[RowError] = field(default_factory=list)


@click.group()
def roster() -> None:
    """Import people."""


@roster.command(name="import")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@school_option
@click.option("--dry-run", is_flag=True, help="Only read and check the file.")
@click.option(
    "--errors",
    "errors_file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the rows that failed here, as CSV.",
)
@json_option
@data_option
def import_(
    file: Path, school: str, dry_run: bool, errors_file: Path | None, as_json: bool, data: Path
) -> None:
    """Import a OneRoster 1.1 FILE (a zip of CSV tables) into a school.

    Rows that are wrong are reported and left out; the rest is imported. The same file twice
    changes nothing. Exit code 1: some rows failed; 2: the file can't be read; 3: refused.
    """
    report = Report(dry_run=dry_run)
    try:
        read = list(read_oneroster(file))
    except UnreadableRosterError as error:
        click.echo(f"Error: {error.message}", err=True)
        sys.exit(UNREADABLE)
    people = [entry for entry in read if isinstance(entry, RosterLine)]
    report.people = len(people)
    report.errors += [entry for entry in read if isinstance(entry, RowError)]
    if not dry_run:
        _import(data, school, people, report)
    if errors_file is not None:
        _write(errors_file, report.errors)
    _tell(report, errors_file, as_json=as_json)
    if report.errors:
        sys.exit(ROWS_FAILED)


def _import(data: Path, school: str, people: Sequence[RosterLine], report: Report) -> None:
    started = time.monotonic()
    with click.progressbar(length=len(people), label="Importing", file=sys.stderr) as bar:

        async def work(bus: Bus) -> None:
            state = await school_by_slug(bus, school)
            await _send(bus, state.school_id, people, report, bar.update)

        ask(data, work)
    report.seconds = round(time.monotonic() - started, 2)


async def _send(
    bus: Bus,
    school_id: str,
    people: Sequence[RosterLine],
    report: Report,
    progress: Callable[[int], None],
) -> None:
    for start in range(0, len(people), PAGE):
        page = people[start : start + PAGE]
        request = dr.ImportPeopleRequest(rows=[person.row for person in page])
        done = await bus.ask(request, dr.ImportPeopleResponse, tenant=school_id, within_s=WITHIN_S)
        report.created += done.created
        report.changed += done.changed
        report.unchanged += done.unchanged
        report.errors += [
            RowError("users.csv", page[problem.index].line, problem.field, problem.reason)
            for problem in done.problems
        ]
        progress(len(page))


def _write(path: Path, errors: Sequence[RowError]) -> None:
    with path.open("w", encoding="utf-8", newline="") as text:
        table = csv.writer(text)
        table.writerow(("file", "line", "field", "reason"))
        table.writerows((e.file, e.line, e.field, e.reason) for e in errors)


def _tell(report: Report, errors_file: Path | None, *, as_json: bool) -> None:
    if as_json:
        say_json(asdict(report))
        return
    if report.dry_run:
        click.echo(f"{report.people} people can be imported.")
    else:
        click.echo(
            f"{report.created} people created, {report.changed} changed, "
            f"{report.unchanged} unchanged in {report.seconds:.1f} s."
        )
    if not report.errors:
        return
    click.echo(f"{len(report.errors)} rows failed and were left out.", err=True)
    if errors_file is not None:
        click.echo(f"They are listed in {errors_file}.", err=True)
        return
    for error in report.errors[:SHOWN]:
        where = f"{error.file} line {error.line}"
        click.echo(f"  {where}: {error.field} {error.reason}".replace("  has", " has"), err=True)
    if len(report.errors) > SHOWN:
        click.echo(f"  and {len(report.errors) - SHOWN} more: use --errors FILE.csv", err=True)
