"""Commands that alerting takes."""

import strawberry

from contracts.alerting.v1 import alerting_pb2 as al
from gateway.schema.alerting.types import PlanInput
from gateway.schema.context import Info
from gateway.schema.fields import decided
from gateway.schema.written import Written


@strawberry.type
class AlertingMutations:
    """The plan."""

    @decided("Replace the plan. Escalations that run keep the plan they began with.")
    async def set_plan(self, info: Info, plan: PlanInput) -> Written | None:
        """Ask alerting."""
        request = al.SetPlanRequest(
            plan=al.Plan(
                steps=[al.PlanStep(role=step.role, wait_ms=step.wait_ms) for step in plan.steps],
                minimum_severity=plan.minimum_severity,
            )
        )
        return await info.context.show(Written, request)
