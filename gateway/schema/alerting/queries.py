"""Queries that alerting answers."""

import strawberry

from contracts.alerting.v1 import alerting_pb2 as al
from gateway.schema.alerting.types import PlanInForce
from gateway.schema.context import Info
from gateway.schema.fields import answered


@strawberry.type
class AlertingQueries:
    """The plan."""

    @answered("The escalation plan in force.")
    async def plan(self, info: Info) -> PlanInForce | None:
        """Ask alerting."""
        return await info.context.show(PlanInForce, al.GetPlanRequest())
