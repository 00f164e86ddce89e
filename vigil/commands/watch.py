"""``vigil watch``: the inbox, live."""

import asyncio
import json
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import click
from rich.console import Console
from rich.text import Text

from chassis.bus.bus import Bus
from chassis.errors import VigilError
from contracts.directory.v1 import requests_pb2 as dr
from vigil.commands.asking import RefusedCommand, data_option, json_option, school_option
from vigil.connection import address, operator_bus, school_by_slug
from vigil.graphql.errors import RefusedError
from vigil.watch.inbox import Inbox, Incident
from vigil.watch.words import KINDS, STYLES, line

TOKEN_S = 43_200
DEFAULT_ZONE = "Europe/London"


@click.command()
@school_option
@click.option("--token", help="A user's token; one of the role dsl is made if not given.")
@click.option("--graphql", help="Address of the gateway; as `vigil up` says if not given.")
@click.option("--minimum-severity", type=click.IntRange(1, 5), help="Leave out what is below.")
@click.option("--once", type=click.FloatRange(min=0), help="End after so many seconds.")
@json_option
@data_option
def watch(
    school: str,
    token: str | None,
    graphql: str | None,
    minimum_severity: int | None,
    once: float | None,
    as_json: bool,
    data: Path,
) -> None:
    """Show the newest open incidents, then every change as it happens, until Ctrl-C.

    Names and words are never shown here: those who may see them reveal them, for a purpose.
    """

    async def mint() -> tuple[str, ZoneInfo]:
        async with operator_bus(data) as bus:
            return await _mint(bus, school)

    async def renew() -> str:
        return (await mint())[0]

    async def work() -> None:
        url = graphql or address(data, "graphql")
        used, zone = (token, ZoneInfo(DEFAULT_ZONE)) if token else await mint()
        screen = _Screen(zone, as_json=as_json)
        inbox = Inbox(
            url=url,
            token=used,
            told=screen.told,
            lost=screen.lost,
            minimum_severity=minimum_severity,
            renew=None if token else renew,
        )
        with suppress(TimeoutError):
            async with asyncio.timeout(once):
                await inbox.watch()

    with suppress(KeyboardInterrupt):
        try:
            asyncio.run(work())
        except VigilError as error:
            raise RefusedCommand(error.message) from error
        except RefusedError as error:
            raise RefusedCommand(str(error)) from error


async def _mint(bus: Bus, slug: str) -> tuple[str, ZoneInfo]:
    state = await school_by_slug(bus, slug)
    request = dr.MintTokenRequest(role="dsl", ttl_seconds=TOKEN_S)
    minted = await bus.ask(request, dr.MintTokenResponse, tenant=state.school_id)
    return minted.token, ZoneInfo(state.time_zone or DEFAULT_ZONE)


class _Screen:
    """Lines on a terminal, or JSON, one object a line."""

    def __init__(self, zone: ZoneInfo, *, as_json: bool) -> None:
        self._zone = zone
        self._as_json = as_json
        self._console = Console(highlight=False, soft_wrap=True)

    def told(self, kind: str, incident: Incident) -> None:
        if self._as_json:
            click.echo(json.dumps({"kind": kind, "incident": incident}))
            return
        at = datetime.now(UTC)
        if kind == "now":
            at = datetime.fromisoformat(incident["lastFindingAt"] or incident["openedAt"])
        happened = "" if kind == "now" else f"  {KINDS.get(kind, kind)}"
        text = line(at, incident, self._zone) + happened
        self._console.print(Text(text, style=STYLES[incident["severity"]]))

    def lost(self, message: str) -> None:
        sentence = message[0].upper() + message[1:]
        click.echo(f"{sentence}.", err=True)
