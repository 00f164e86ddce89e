"""Commands that evaluation takes."""

import strawberry

from contracts.evaluation.v1 import evaluation_pb2 as ev
from gateway.schema.context import Info
from gateway.schema.fields import decided
from gateway.schema.written import Written


@strawberry.type
class EvaluationMutations:
    """The policy."""

    @decided("Put a new version of the school's policy into force.")
    async def publish_policy(
        self, info: Info, staff_enabled: bool, minimum_severity: int, reason: str
    ) -> Written | None:
        """Ask evaluation."""
        request = ev.PublishPolicyRequest(
            staff_enabled=staff_enabled, minimum_severity=minimum_severity, reason=reason
        )
        return await info.context.show(Written, request)
