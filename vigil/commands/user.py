"""``vigil user``: who signs in to Vigil, and with which role."""

import json
from pathlib import Path
from typing import Any

import click

from chassis.bus.bus import Bus
from contracts.directory.v1 import requests_pb2 as dr
from vigil.commands.asking import ask, data_option, json_option, say_json, school_option
from vigil.connection import school_by_slug

_FIELDS = ("login", "role", "name", "email")


@click.group()
def user() -> None:
    """Manage who signs in to Vigil."""


@user.command()
@school_option
@click.option(
    "--file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help=f"JSON: a list of objects with {', '.join(_FIELDS)}.",
)
@click.option("--login")
@click.option("--role", help="dsl, deputy_dsl, head, it, governor or integrator.")
@click.option("--name")
@click.option("--email")
@json_option
@data_option
def add(school: str, file: Path | None, as_json: bool, data: Path, **one: str | None) -> None:
    """Add users, or change those whose login is known."""
    if (file is None) == all(value is None for value in one.values()):
        raise click.UsageError("give either --file, or --login, --role, --name and --email")
    requests = [_request(one)] if file is None else _read(file)

    async def work(bus: Bus) -> list[str]:
        state = await school_by_slug(bus, school)
        return [
            (await bus.ask(request, dr.PutUserResponse, tenant=state.school_id)).user_id
            for request in requests
        ]

    ids = ask(data, work)
    if as_json:
        say_json(
            [
                {"login": request.login, "role": request.role, "user_id": id_}
                for request, id_ in zip(requests, ids, strict=True)
            ]
        )
        return
    for request, id_ in zip(requests, ids, strict=True):
        click.echo(f"{request.role}  {request.login}  {id_}")


def _read(file: Path) -> list[dr.PutUserRequest]:
    try:
        entries = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise click.UsageError(f"{file} is not JSON: {error}") from error
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise click.UsageError(f"{file} must be a list of objects with {', '.join(_FIELDS)}")
    return [_request(entry) for entry in entries]


def _request(entry: dict[str, Any]) -> dr.PutUserRequest:
    missing = [field for field in _FIELDS if not isinstance(entry.get(field), str)]
    if missing:
        raise click.UsageError(f"a user needs {', '.join(missing)}")
    return dr.PutUserRequest(**{field: entry[field] for field in _FIELDS})
