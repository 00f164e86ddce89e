"""What all commands that ask the services have in common."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from chassis.bus.bus import Bus
from chassis.errors import VigilError
from vigil.connection import operator_bus

T = TypeVar("T")

REFUSED = 3
"""Exit code when a service refused or nothing is running; 1 and 2 are about the input."""

data_option = click.option(
    "--data",
    type=click.Path(file_okay=False, path_type=Path),
    envvar="VIGIL_DATA",
    default="data",
    show_default=True,
    help="Data folder of the running `vigil up` (or $VIGIL_DATA).",
)
school_option = click.option("--school", required=True, metavar="SLUG", help="The school's slug.")
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


class RefusedCommand(click.ClickException):
    """Ends the command with the service's own sentence."""

    exit_code = REFUSED


def ask(data: Path, work: Callable[[Bus], Awaitable[T]]) -> T:
    """Do ``work`` on the operator's bus. Ends the command when a service refuses."""

    async def connected() -> T:
        async with operator_bus(data) as bus:
            return await work(bus)

    try:
        return asyncio.run(connected())
    except VigilError as error:
        raise RefusedCommand(error.message) from error


def say_json(content: Any) -> None:
    """Print JSON for scripts."""
    click.echo(json.dumps(content, indent=2, ensure_ascii=False))
