"""What alerting answers. Roles were checked against the registry; the school is the caller's."""

from collections.abc import Callable, Mapping
from datetime import datetime

from google.protobuf.message import Message

from chassis.auth import Caller
from chassis.bus.answer import Answer
from chassis.tenancy import token
from contracts.alerting.v1 import alerting_pb2 as al
from contracts.common.v1.common_pb2 import Written
from services.alerting.application.desk import Desk
from services.alerting.application.get_plan import plan_of
from services.alerting.application.ports import Directory
from services.alerting.application.set_plan import SetPlan, set_plan
from services.alerting.domain.plan import DEFAULT, Step, Terms
from services.alerting.projections.escalations_of_incident import EscalationRows


class Answers:
    """Handlers of requests."""

    def __init__(
        self, desk: Desk, directory: Directory, rows: EscalationRows, now: Callable[[], datetime]
    ) -> None:
        self._desk = desk
        self._directory = directory
        self._rows = rows
        self._now = now

    def table(self) -> Mapping[type[Message], Answer]:
        """Request class to handler."""
        return {
            al.SetPlanRequest: self.set_plan,
            al.GetPlanRequest: self.get_plan,
            al.ListEscalationsRequest: self.list_escalations,
        }

    async def set_plan(self, request: al.SetPlanRequest, caller: Caller) -> Written:
        """Set the school's plan. Raises InvalidError naming the field."""
        terms = Terms(
            tuple(Step(step.role, step.wait_ms) for step in request.plan.steps),
            request.plan.minimum_severity,
        )
        await self._directory.know(caller.tenant)
        command = SetPlan(caller.tenant, terms, caller.subject, self._now())
        outcome = await self._desk.run(caller.tenant, set_plan, command)
        return Written(position=f"{self._directory.shard_of(caller.tenant)}:{outcome.position}")

    async def get_plan(self, _request: al.GetPlanRequest, caller: Caller) -> al.GetPlanResponse:
        """The plan that holds."""
        await self._directory.know(caller.tenant)
        own = await self._desk.ask(caller.tenant, plan_of, caller.tenant)
        terms = DEFAULT if own is None else own.terms
        return al.GetPlanResponse(
            plan=al.Plan(
                steps=[al.PlanStep(role=s.role, wait_ms=s.wait_ms) for s in terms.steps],
                minimum_severity=terms.minimum_severity,
            ),
            is_default=own is None,
        )

    async def list_escalations(
        self, request: al.ListEscalationsRequest, caller: Caller
    ) -> al.ListEscalationsResponse:
        """An incident's escalations, the first one first."""
        bodies = await self._rows.of_incident(caller.tenant, token(request.incident_id))
        return al.ListEscalationsResponse(
            escalations=[al.EscalationView.FromString(body) for body in bodies]
        )
