"""Requests about policies."""

from collections.abc import Mapping

from google.protobuf.message import Message

from chassis.bus.answer import Answer
from contracts.evaluation.v1.evaluation_pb2 import GetPolicyRequest, PublishPolicyRequest
from services.policy.evaluation.application.policies import Policies


def answers(policies: Policies) -> Mapping[type[Message], Answer]:
    """The table request → handler."""
    return {PublishPolicyRequest: policies.publish, GetPolicyRequest: policies.get}
