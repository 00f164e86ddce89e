"""``vigil school``: create and list schools."""

from pathlib import Path

import click

from chassis.bus.bus import Bus
from chassis.tenancy import PLATFORM
from contracts.directory.v1 import requests_pb2 as dr
from contracts.directory.v1.states_pb2 import SchoolState
from vigil.commands.asking import ask, data_option, json_option, say_json


@click.group()
def school() -> None:
    """Create and list schools."""


@school.command()
@click.argument("name")
@click.option("--slug", required=True, help="Short name: a-z, 0-9 and hyphens; unique.")
@click.option("--retention-days", default=30, show_default=True, help="Days activity is kept.")
@click.option("--time-zone", default="Europe/London", show_default=True, help="IANA name.")
@json_option
@data_option
def create(
    name: str, slug: str, retention_days: int, time_zone: str, as_json: bool, data: Path
) -> None:
    """Create the school NAME, or say that its slug exists."""
    request = dr.CreateSchoolRequest(
        name=name, slug=slug, retention_days=retention_days, time_zone=time_zone
    )

    async def work(bus: Bus) -> dr.CreateSchoolResponse:
        return await bus.ask(request, dr.CreateSchoolResponse, tenant=PLATFORM)

    answer = ask(data, work)
    if as_json:
        say_json({**_state(answer.school), "created": answer.created})
    else:
        verb = "Created" if answer.created else "There already is"
        click.echo(f"{verb} {slug}: school {answer.school.school_id}")


@school.command(name="list")
@json_option
@data_option
def list_(as_json: bool, data: Path) -> None:
    """List schools with how many people and devices they have."""

    async def work(bus: Bus) -> dr.ListSchoolsResponse:
        return await bus.ask(dr.ListSchoolsRequest(), dr.ListSchoolsResponse, tenant=PLATFORM)

    schools = ask(data, work).schools
    if as_json:
        say_json(
            [
                {**_state(s.state), "name": s.name, "people": s.people, "devices": s.devices}
                for s in schools
            ]
        )
        return
    for one in schools:
        click.echo(
            f"{one.state.slug}  {one.name}  {one.people} people  {one.devices} devices  "
            f"{one.state.school_id}"
        )


def _state(state: SchoolState) -> dict[str, object]:
    return {
        "school_id": state.school_id,
        "slug": state.slug,
        "shard": state.shard,
        "retention_days": state.retention_days,
        "time_zone": state.time_zone,
    }
