"""``vigil policy``: what a school has decided about monitoring."""

from pathlib import Path

import click

from chassis.bus.bus import Bus
from contracts.common.v1.common_pb2 import Written
from contracts.evaluation.v1.evaluation_pb2 import (
    GetPolicyRequest,
    PolicyPublished,
    PublishPolicyRequest,
)
from vigil.commands.asking import ask, data_option, json_option, say_json, school_option
from vigil.connection import school_by_slug


@click.group()
def policy() -> None:
    """Show and publish a school's policy."""


@policy.command()
@school_option
@json_option
@data_option
def show(school: str, as_json: bool, data: Path) -> None:
    """Show the policy in force; version 0 is the default."""

    async def work(bus: Bus) -> PolicyPublished:
        state = await school_by_slug(bus, school)
        return await bus.ask(GetPolicyRequest(), PolicyPublished, tenant=state.school_id)

    now = ask(data, work)
    if as_json:
        say_json(
            {
                "version": now.version,
                "staff_enabled": now.staff_enabled,
                "minimum_severity": now.minimum_severity,
                "by_user": now.by_user,
                "reason": now.reason,
                "at_ms": now.at_ms,
            }
        )
        return
    staff = "evaluated" if now.staff_enabled else "not evaluated"
    click.echo(
        f"Version {now.version}: findings from severity {now.minimum_severity}; staff are {staff}."
    )


@policy.command()
@school_option
@click.option("--staff/--no-staff", default=False, help="Evaluate staff, too.")
@click.option("--minimum-severity", default=2, show_default=True, type=click.IntRange(1, 5))
@click.option("--reason", required=True, help="Why; kept with the version.")
@data_option
def publish(school: str, staff: bool, minimum_severity: int, reason: str, data: Path) -> None:
    """Put a new version in force."""
    request = PublishPolicyRequest(
        staff_enabled=staff, minimum_severity=minimum_severity, reason=reason
    )

    async def work(bus: Bus) -> Written:
        state = await school_by_slug(bus, school)
        return await bus.ask(request, Written, tenant=state.school_id)

    click.echo(f"Published (position {ask(data, work).position}).")
