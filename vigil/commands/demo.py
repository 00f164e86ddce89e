"""``vigil demo``: a school day through the whole system."""

import asyncio
import sys
import time
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from chassis.errors import VigilError
from vigil.commands.asking import RefusedCommand
from vigil.commands.up import UpFailed
from vigil.demo import honesty, onward, summary
from vigil.demo.material import Material, MissingMaterialError, find_material
from vigil.demo.show import show
from vigil.demo.tempo import Tempo
from vigil.embedded.errors import EmbeddedError
from vigil.graphql.errors import LostError, RefusedError
from vigil.system.environment import DEFAULT_PORT
from vigil.system.up import System, compose

NOT_CONVINCING = 1
INTERRUPTED = 130
WIDTH = 120
"""Columns where there is no terminal to ask."""


@click.command()
@click.option(
    "--data",
    type=click.Path(file_okay=False, path_type=Path),
    envvar="VIGIL_DATA",
    default="data",
    show_default=True,
    help="Data folder (or $VIGIL_DATA); one that is there already is used again.",
)
@click.option(
    "--port",
    type=int,
    help=f"The gateway's port; else the one it had, {DEFAULT_PORT} the first time.",
)
@click.option(
    "--within",
    default=60.0,
    show_default=True,
    type=click.FloatRange(min=0),
    help="Seconds in which the day passes; 0: as fast as possible.",
)
def demo(data: Path, port: int | None, within: float) -> None:
    """Show a recorded school day through the whole system, on this machine.

    On a terminal everything stays up afterwards, until Ctrl-C. Exit code 1: fewer incidents or
    alerts than the day should bring; 3: the system could not be started.
    """
    console = Console()
    if not console.is_terminal:
        console = Console(width=WIDTH)
    tempo = Tempo(within)

    def say(sentence: str) -> None:
        console.print(sentence, markup=False, highlight=False, soft_wrap=True)

    try:
        material = find_material()
        say("Starting nats-server, mongod and seven services.")
        system = compose(data, port=port, overrides=tempo.overrides, say=say)
    except (EmbeddedError, MissingMaterialError) as error:
        raise UpFailed(str(error)) from error
    try:
        code = asyncio.run(_perform(system, material, tempo, console))
    except EmbeddedError as error:
        raise UpFailed(str(error)) from error
    except VigilError as error:
        raise RefusedCommand(f"{error.message} (logs: {system.folder.path / 'logs'})") from error
    except (LostError, RefusedError) as error:
        raise RefusedCommand(f"{error} (logs: {system.folder.path / 'logs'})") from error
    finally:
        system.folder.unlock()
    sys.exit(code)


async def _perform(system: System, material: Material, tempo: Tempo, console: Console) -> int:
    started = time.monotonic()
    ready, stopping = asyncio.Event(), asyncio.Event()

    def on_ready() -> None:
        system.announce()
        ready.set()

    def on_stopping() -> None:
        stopping.set()
        system.withdraw()
        console.print("Stopping.")

    keeping = asyncio.create_task(system.supervisor.run(on_ready, on_stopping))
    try:
        await _first(ready.wait(), stopping.wait())
        if not ready.is_set():
            return INTERRUPTED
        console.print(f"All are ready after {time.monotonic() - started:.1f} s.", highlight=False)
        showing = asyncio.create_task(_show(system, material, tempo, console, started))
        await _first(asyncio.wait({showing}), stopping.wait())
        if not showing.done():
            showing.cancel()
            await asyncio.gather(showing, return_exceptions=True)
            console.print("The day was not over; run it again when you like.")
            return INTERRUPTED
        convincing = showing.result()
        if console.is_terminal and not stopping.is_set():
            console.print("Everything stays up. Ctrl-C stops it.")
            await stopping.wait()
        return 0 if convincing else NOT_CONVINCING
    finally:
        if not stopping.is_set():
            system.supervisor.request_stop()
        await keeping


async def _first(*waits: Coroutine[Any, Any, Any]) -> None:
    """Return when the first has ended; the others are cancelled."""
    tasks = {asyncio.create_task(wait) for wait in waits}
    await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def _show(
    system: System, material: Material, tempo: Tempo, console: Console, started: float
) -> bool:
    day, school = await show(system, material, tempo, console)
    summary.show(day, console)
    honesty.show(day.score, console, day.activities)
    onward.show(
        console,
        found_at=system.found_at,
        tokens=school.user_tokens,
        tokens_file=system.folder.path / "demo.tokens",
        mail=system.mail,
    )
    seconds = time.monotonic() - started
    console.print(f"{summary.in_a_line(day)} In {seconds:.0f} s.", highlight=False, soft_wrap=True)
    if not day.convincing:
        console.print(
            f"This is not what the demo should show: {len(day.record.cases)} incidents over "
            f"{len(day.themes)} themes, {day.mails} mails. The logs are in "
            f"{system.folder.path / 'logs'}.",
            highlight=False,
            style="bold red",
        )
    return day.convincing
