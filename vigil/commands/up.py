"""``vigil up``: keep the system running on this machine."""

import asyncio
from pathlib import Path

import click

from vigil.embedded.errors import EmbeddedError
from vigil.runner.ready_file import ReadyFile
from vigil.system.environment import DEFAULT_PORT
from vigil.system.up import compose

FAILED = 3


class UpFailed(click.ClickException):
    """Ends the command with the sentence of what is wrong."""

    exit_code = FAILED


@click.command()
@click.option(
    "--data",
    type=click.Path(file_okay=False, path_type=Path),
    envvar="VIGIL_DATA",
    default="data",
    show_default=True,
    help="Data folder: servers' files, secrets, logs, ports (or $VIGIL_DATA).",
)
@click.option(
    "--port",
    type=int,
    help=f"The gateway's port; else the one it had, {DEFAULT_PORT} the first time.",
)
@click.option(
    "--ready-file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write a JSON object with all addresses here once every role is ready.",
)
@click.option("--trace", is_flag=True, help="Write spans into the data folder, a file a role.")
@click.option(
    "--set",
    "settings",
    multiple=True,
    metavar="ROLE.NAME=VALUE",
    help="A role's setting, such as capture.SILENT_AFTER_S=60. Repeatable.",
)
def up(
    data: Path, port: int | None, ready_file: Path | None, trace: bool, settings: tuple[str, ...]
) -> None:
    """Start nats-server, mongod and every role, and keep them running until Ctrl-C.

    NATS_URL and MONGODB_URL in the environment name servers of one's own.
    """
    try:
        system = compose(
            data, port=port, trace=trace, overrides=overrides(settings), say=click.echo
        )
    except EmbeddedError as error:
        raise UpFailed(str(error)) from error
    ready = ReadyFile(ready_file) if ready_file else None
    if ready is not None:
        ready.remove()  # left by a runner that was killed

    def on_ready() -> None:
        system.announce()
        if ready is not None:
            ready.write(system.found_at)
        for name, address in system.found_at.items():
            click.echo(f"{name:8} {address}")
        click.echo("Vigil is up. Ctrl-C stops it.")

    def on_stopping() -> None:
        system.withdraw()
        if ready is not None:
            ready.remove()
        click.echo("Stopping.")

    try:
        asyncio.run(system.supervisor.run(on_ready, on_stopping))
    except EmbeddedError as error:
        raise UpFailed(str(error)) from error
    finally:
        system.folder.unlock()


def overrides(settings: tuple[str, ...]) -> dict[str, dict[str, str]]:
    """``ROLE.NAME=VALUE`` texts as settings by role; click.BadParameter for another form."""
    by_role: dict[str, dict[str, str]] = {}
    for text in settings:
        place, found, value = text.partition("=")
        role, dot, name = place.partition(".")
        if not (found and dot and role and name):
            raise click.BadParameter(f"{text!r} is not ROLE.NAME=VALUE", param_hint="--set")
        by_role.setdefault(role, {})[name] = value
    return by_role
