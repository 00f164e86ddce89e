"""Queries that evaluation answers."""

import strawberry

from contracts.evaluation.v1 import evaluation_pb2 as ev
from gateway.schema.context import Info
from gateway.schema.evaluation.types import Policy
from gateway.schema.fields import answered


@strawberry.type
class EvaluationQueries:
    """The policy."""

    @answered("The school's policy in force.")
    async def policy(self, info: Info) -> Policy | None:
        """Ask evaluation."""
        return await info.context.show(Policy, ev.GetPolicyRequest())
