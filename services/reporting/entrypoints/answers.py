"""Which request is answered by what."""

from collections.abc import Mapping

from google.protobuf.message import Message

from chassis.auth import Caller
from chassis.bus.answer import Answer
from chassis.clock import now_ms
from contracts.reporting.v1.reporting_pb2 import GetSummaryRequest, GetSummaryResponse
from services.reporting.application.ports import Facts
from services.reporting.application.summary import summary


def answers(facts: Facts) -> Mapping[type[Message], Answer]:
    """A handler for every request of reporting."""

    async def get_summary(request: GetSummaryRequest, caller: Caller) -> GetSummaryResponse:
        return await summary(
            facts,
            caller.tenant,
            from_ms=request.from_ms,
            before_ms=request.before_ms,
            after_position=request.after_position,
            now_ms=now_ms(),
        )

    return {GetSummaryRequest: get_summary}
