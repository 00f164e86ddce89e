"""Batches of activity."""

from collections.abc import Mapping

from chassis.bus.consume import Handle, Meta
from contracts.capture.v1.capture_pb2 import ActivityBatch
from services.policy.evaluation.application.evaluate_batch import EvaluateBatch


def messages(evaluate: EvaluateBatch) -> Mapping[str, Handle]:
    """The table wire name → handler."""

    async def when_captured_then_evaluate(batch: ActivityBatch, meta: Meta) -> None:
        await evaluate.handle(meta.tenant, meta.sequence, batch)

    return {"capture.ActivityBatch.v1": when_captured_then_evaluate}
