"""``vigil plan``: whom a school tells about an incident, in which order, and how soon."""

import re
from pathlib import Path

import click

from chassis.bus.bus import Bus
from contracts.alerting.v1.alerting_pb2 import (
    GetPlanRequest,
    GetPlanResponse,
    Plan,
    PlanStep,
    SetPlanRequest,
)
from contracts.common.v1.common_pb2 import Written
from vigil.commands.asking import ask, data_option, json_option, say_json, school_option
from vigil.connection import school_by_slug

_UNITS_MS = {"s": 1_000, "m": 60_000, "h": 3_600_000}
_STEP = re.compile(r"^([a-z_]+)=(\d{1,6})([smh])$")


class StepType(click.ParamType[PlanStep]):
    """``role=wait``, such as ``dsl=5m``; the wait in seconds (s), minutes (m) or hours (h)."""

    name = "ROLE=WAIT"

    def convert(
        self, value: str, param: click.Parameter | None, ctx: click.Context | None
    ) -> PlanStep:
        """A step; ends the command when it is none. Its limits are alerting's to judge."""
        found = _STEP.match(value)
        if found is None:
            self.fail(f"{value!r} is no step; write for example dsl=5m or head=90s", param, ctx)
        return PlanStep(role=found[1], wait_ms=int(found[2]) * _UNITS_MS[found[3]])


@click.group()
def plan() -> None:
    """Show and set whom a school tells, and how soon."""


@plan.command()
@school_option
@json_option
@data_option
def show(school: str, as_json: bool, data: Path) -> None:
    """Show the plan that holds."""

    async def work(bus: Bus) -> GetPlanResponse:
        state = await school_by_slug(bus, school)
        return await bus.ask(GetPlanRequest(), GetPlanResponse, tenant=state.school_id)

    answer = ask(data, work)
    if as_json:
        say_json({**_content(answer.plan), "is_default": answer.is_default})
        return
    if answer.is_default:
        click.echo("The school has set no plan of its own; this is the default.")
    _say(answer.plan)


@plan.command(name="set")
@school_option
@click.option(
    "--step",
    "steps",
    type=StepType(),
    multiple=True,
    required=True,
    help="Once for each step, in order: dsl=5m tells the DSL and waits five minutes.",
)
@click.option(
    "--minimum-severity",
    type=click.IntRange(1, 5),
    help="Incidents below it alert nobody; as it was if not given.",
)
@json_option
@data_option
def set_(
    school: str,
    steps: tuple[PlanStep, ...],
    minimum_severity: int | None,
    as_json: bool,
    data: Path,
) -> None:
    """Set the plan. Escalations that run keep the plan they started with."""

    async def work(bus: Bus) -> tuple[Plan, Written]:
        state = await school_by_slug(bus, school)
        minimum = minimum_severity
        if minimum is None:
            now = await bus.ask(GetPlanRequest(), GetPlanResponse, tenant=state.school_id)
            minimum = now.plan.minimum_severity
        wanted = Plan(steps=steps, minimum_severity=minimum)
        written = await bus.ask(SetPlanRequest(plan=wanted), Written, tenant=state.school_id)
        return wanted, written

    wanted, written = ask(data, work)
    if as_json:
        say_json({**_content(wanted), "position": written.position})
        return
    _say(wanted)


def _content(wanted: Plan) -> dict[str, object]:
    return {
        "steps": [{"role": step.role, "wait_ms": step.wait_ms} for step in wanted.steps],
        "minimum_severity": wanted.minimum_severity,
    }


def _say(wanted: Plan) -> None:
    click.echo(f"From severity {wanted.minimum_severity}:")
    for number, step in enumerate(wanted.steps, start=1):
        click.echo(f"  {number}. {step.role}, then wait {_wait(step.wait_ms)}")


def _wait(wait_ms: int) -> str:
    for unit in ("h", "m"):
        if wait_ms % _UNITS_MS[unit] == 0:
            return f"{wait_ms // _UNITS_MS[unit]}{unit}"
    return f"{wait_ms / 1000:g}s"
