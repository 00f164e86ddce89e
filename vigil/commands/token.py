"""``vigil token``: a user's token, for trying out what they may see."""

from pathlib import Path

import click

from chassis.bus.bus import Bus
from contracts.directory.v1 import requests_pb2 as dr
from vigil.commands.asking import ask, data_option, json_option, say_json, school_option
from vigil.connection import school_by_slug


@click.command()
@school_option
@click.option("--role", default="", help="The first user with this role, such as dsl.")
@click.option("--login", default="", help="The user with this login.")
@click.option("--ttl", default=3600, show_default=True, help="Seconds it is valid: 60 to 43200.")
@json_option
@data_option
def token(school: str, role: str, login: str, ttl: int, as_json: bool, data: Path) -> None:
    """Print a token for a user of the school."""
    if not role and not login:
        raise click.UsageError("give --role or --login")
    request = dr.MintTokenRequest(login=login, role=role, ttl_seconds=ttl)

    async def work(bus: Bus) -> dr.MintTokenResponse:
        state = await school_by_slug(bus, school)
        return await bus.ask(request, dr.MintTokenResponse, tenant=state.school_id)

    minted = ask(data, work)
    if as_json:
        say_json(
            {
                "token": minted.token,
                "user_id": minted.user_id,
                "role": minted.role,
                "expires_at_ms": minted.expires_at_ms,
            }
        )
    else:
        click.echo(minted.token)
