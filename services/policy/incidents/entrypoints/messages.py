"""Findings, one durable consumer a shard."""

from collections.abc import Mapping

from chassis.bus.consume import Handle, Meta
from contracts.evaluation.v1.evaluation_pb2 import Finding
from services.policy.incidents.application.join_finding import JoinFinding

SHARD_TOKEN = 1
"""``findings.<shard>.<school>.<person>``: the shard is the school's stored one."""


def messages(join: JoinFinding) -> Mapping[str, Handle]:
    """The table wire name → handler."""

    async def when_found_then_join(finding: Finding, meta: Meta) -> None:
        shard = int(meta.subject.split(".")[SHARD_TOKEN])
        await join.handle(meta.tenant, shard, finding, meta.delivered)

    return {"evaluation.Finding.v1": when_found_then_join}
