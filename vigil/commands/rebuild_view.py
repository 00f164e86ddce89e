"""``vigil store rebuild``: build a view anew beside the live one."""

import time
from collections.abc import Callable
from pathlib import Path

import click

from chassis.store.application import ShardedStore
from chassis.store.errors import RebuildError
from chassis.store.rebuild import Progress
from chassis.store.rebuild import rebuild as build
from vigil.commands.databases import client_of, connecting, in_sentences
from vigil.system.roles import database_of
from vigil.system.stores import applications
from vigil.system.views import VIEWS

_SAY_EVERY_S = 1.0


@click.command()
@click.argument("role")
@click.argument("view")
@click.option("--replace", is_flag=True, help="Exchange the rows although they differ.")
@connecting
@in_sentences
def rebuild(
    role: str,
    view: str,
    replace: bool,
    data: Path,
    mongodb_url: str | None,
    user: str | None,
    password_file: Path | None,
    quiet: bool,
) -> None:
    """Build a ROLE's VIEW from the first event, while the role works, and put it in place.

    Without --replace it must equal the live one; nothing is exchanged if it doesn't.
    """
    known = {(one.role, one.name): one for one in VIEWS}
    if (role, view) not in known:
        names = ", ".join(f"{r} {v}" for r, v in known)
        raise RebuildError(f"There is no such view. There are: {names}.")
    found = known[role, view]
    with client_of(data, mongodb_url, user, password_file, running=True) as client:
        name = database_of(role)
        done = build(
            ShardedStore(client, name, applications()[name]),
            found.projection(client[name]),
            client[name],
            [found.collection],
            compare=not replace,
            progress=_events(quiet),
        )
    compared = "not compared" if done.compared is None else f"{done.compared} rows compared"
    click.echo(
        f"Rebuilt from {done.events} events in {done.seconds:.1f} s: {done.rows} rows, {compared}; "
        f"the live view stood still for {done.held_s:.2f} s."
    )


def _events(quiet: bool) -> Callable[[Progress], None]:
    last = time.monotonic()

    def say(progress: Progress) -> None:
        nonlocal last
        if not quiet and time.monotonic() - last > _SAY_EVERY_S:
            last = time.monotonic()
            click.echo(
                f"{progress.done} of {progress.total} events, {progress.per_second:.0f} a second"
            )

    return say
