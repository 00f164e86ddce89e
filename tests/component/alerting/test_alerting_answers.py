import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from click.testing import CliRunner, Result

from chassis.errors import ForbiddenError, InvalidError
from contracts.alerting.v1 import alerting_pb2 as al
from contracts.common.v1.common_pb2 import Written
from vigil.commands.plan import plan

Found = Callable[..., Awaitable[Any]]
pytestmark = pytest.mark.usefixtures("running")


async def test_a_school_has_the_default_plan_until_its_head_sets_a_sound_one(
    found: Found,
) -> None:
    stage = await found()
    with pytest.raises(ForbiddenError):
        await stage.ask(al.SetPlanRequest(), Written, role="dsl")
    with pytest.raises(InvalidError, match="wait_ms"):
        await stage.plan(("head", 1))
    with pytest.raises(InvalidError, match="steps"):
        await stage.plan()
    plan = await stage.ask(al.GetPlanRequest(), al.GetPlanResponse)
    assert plan.is_default
    assert [step.role for step in plan.plan.steps] == ["dsl", "deputy_dsl", "head"]
    written = await stage.plan(("head", 60_000), minimum=2)
    assert written.position.startswith("7:")
    assert await stage.plan(("head", 60_000), minimum=2)
    plan = await stage.ask(al.GetPlanRequest(), al.GetPlanResponse)
    assert not plan.is_default
    assert [(step.role, step.wait_ms) for step in plan.plan.steps] == [("head", 60_000)]
    other = await found()
    assert (await other.ask(al.GetPlanRequest(), al.GetPlanResponse)).is_default


async def test_the_operator_shows_and_sets_the_plan_from_the_command_line(
    found: Found, system: Any
) -> None:
    stage = await found()
    env = {
        "NATS_URL": system.nats.url,
        "SECRETS_DIR": str(system.secrets_dir("operator")),
        "TRUST_FILE": str(system.trust),
    }

    async def vigil_plan(*arguments: str) -> Result:
        slug = ("--school", f"slug-{stage.school}")
        return await asyncio.to_thread(CliRunner(env=env).invoke, plan, [*arguments, *slug])

    shown = await vigil_plan("show")
    assert "no plan of its own" in shown.output
    assert "1. dsl, then wait 5m" in shown.output
    set_ = await vigil_plan("set", "--step", "dsl=90s", "--step", "head=1h", "--json")
    assert json.loads(set_.output)["minimum_severity"] == 3
    shown = await vigil_plan("show", "--json")
    assert json.loads(shown.output) == {
        "steps": [{"role": "dsl", "wait_ms": 90_000}, {"role": "head", "wait_ms": 3_600_000}],
        "minimum_severity": 3,
        "is_default": False,
    }
    refused = await vigil_plan("set", "--step", "dsl=25h", "--minimum-severity", "4")
    assert refused.exit_code == 3
    assert "24 hours" in refused.output
    assert (await vigil_plan("set", "--step", "dsl")).exit_code == 2


async def test_another_schools_escalations_are_not_seen_nor_a_governors_business(
    found: Found,
) -> None:
    stage, other = await found("dsl"), await found("dsl")
    incident, _ = await stage.opened()
    await stage.until(lambda: stage.escalations(incident))
    assert await other.escalations(incident) == []
    with pytest.raises(ForbiddenError):
        await stage.ask(
            al.ListEscalationsRequest(incident_id=incident),
            al.ListEscalationsResponse,
            role="governor",
        )
