"""Requests of other services and of the gateway."""

from collections.abc import Mapping

from google.protobuf.message import Message

from chassis.bus.answer import Answer
from contracts.capture.v1.capture_pb2 import ContextAroundRequest, ListCoverageRequest
from services.capture.application.context_around import ContextAround
from services.capture.application.list_coverage import ListCoverage


def answers(context: ContextAround, coverage: ListCoverage) -> Mapping[type[Message], Answer]:
    """The table request → handler."""
    return {
        ContextAroundRequest: context.handle,
        ListCoverageRequest: coverage.handle,
    }
