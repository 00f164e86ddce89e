"""``vigil evaluate``: evaluate texts from a file, without a server."""

import sys
from typing import BinaryIO

import click
import msgspec

from services.policy.evaluation.adapters.assembly import assemble
from services.policy.evaluation.application.evaluate_file import (
    LineError,
    LineResult,
    evaluate_lines,
)

_ENCODER = msgspec.json.Encoder()


@click.command("evaluate")
@click.argument("file", type=click.File("rb"))
@click.option(
    "--format",
    "form",
    type=click.Choice(["ndjson", "table"]),
    default="ndjson",
    show_default=True,
    help="One JSON object a line, or columns for reading.",
)
def evaluate(file: BinaryIO, form: str) -> None:
    """Evaluate the activities in FILE ('-' is standard input), one JSON object a line.

    Each line needs "id" and "text"; it may have "kind", "url", "title", "year_group", "person",
    "conversation", "counterpart" and "occurred_at". For each, the highest severity (0 to 5) and
    the findings are written. Lines that can't be read are named on standard error, and the exit
    code is then 1; the other lines are evaluated all the same.
    """
    failed = False
    if form == "table":
        click.echo(_row("id", "severity", "theme", "why"))
    for outcome in evaluate_lines(file, assemble()):
        if isinstance(outcome, LineError):
            failed = True
            click.echo(_ENCODER.encode(outcome), err=True)
        elif form == "table":
            _print_rows(outcome)
        else:
            click.echo(_ENCODER.encode(outcome))
    if failed:
        sys.exit(1)


def _print_rows(outcome: LineResult) -> None:
    if not outcome.findings:
        click.echo(_row(outcome.id, "0", "", ""))
    for finding in outcome.findings:
        click.echo(_row(outcome.id, str(finding.severity), finding.theme, finding.why))


def _row(activity: str, severity: str, theme: str, why: str) -> str:
    return f"{activity:<20} {severity:<8} {theme:<30} {why}".rstrip()
