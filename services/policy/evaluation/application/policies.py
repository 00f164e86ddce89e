"""Publish a school's policy, and answer which one is in force."""

from collections.abc import Callable

from eventsourcing.application import AggregateNotFoundError

from chassis.auth import Caller
from chassis.clock import as_datetime, now_ms
from chassis.store.application import ShardApplication, ShardedStore, position_of
from chassis.store.commands import CommandRunner
from contracts.common.v1.common_pb2 import Written
from contracts.evaluation.v1.evaluation_pb2 import (
    GetPolicyRequest,
    PolicyPublished,
    PublishPolicyRequest,
)
from services.policy.evaluation.application.ports import Roster
from services.policy.evaluation.domain.school_policy import DEFAULT, SchoolPolicy, policy_id


class PoliciesApplication(ShardApplication):
    """The policies of one shard's schools."""

    def policy(self, school: str) -> SchoolPolicy | None:
        """The school's own policy, or None while the default is in force."""
        try:
            return self.load(SchoolPolicy, policy_id(school))
        except AggregateNotFoundError:
            return None


class Policies:
    """Read and written in the store itself, so an answer is never behind a write."""

    def __init__(
        self, store: ShardedStore[PoliciesApplication], runner: CommandRunner, roster: Roster
    ) -> None:
        self._store = store
        self._runner = runner
        self._roster = roster
        self.readers: list[Callable[[int, int], None]] = []

    async def publish(self, request: PublishPolicyRequest, caller: Caller) -> Written:
        """Put a version in force; InvalidError naming the field."""
        at = as_datetime(now_ms())

        def work(application: PoliciesApplication) -> int:
            policy = application.policy(caller.tenant) or SchoolPolicy.begin(caller.tenant, at)
            policy.publish(
                staff_enabled=request.staff_enabled,
                minimum_severity=request.minimum_severity or DEFAULT.minimum_severity,
                by_user=caller.subject,
                reason=request.reason,
                at=at,
            )
            return position_of(application.save(policy))

        shard = self._roster.shard(caller.tenant)
        position = await self._runner.run(work, self._store.shard(shard))
        for notify in self.readers:
            notify(shard, position)
        return Written(position=f"{shard}:{position}")

    async def get(self, _: GetPolicyRequest, caller: Caller) -> PolicyPublished:
        """The policy in force; version 0 is the default."""
        application = self._store.shard(self._roster.shard(caller.tenant))
        policy = await self._runner.run(application.policy, caller.tenant)
        if policy is None or policy.published is None:
            return PolicyPublished(minimum_severity=DEFAULT.minimum_severity)
        return as_message(policy.published)


def as_message(event: SchoolPolicy.Published) -> PolicyPublished:
    """A published version as a contract message."""
    return PolicyPublished(
        version=event.number,
        staff_enabled=event.staff_enabled,
        minimum_severity=event.minimum_severity,
        by_user=event.by_user,
        reason=event.reason,
        at_ms=round(event.timestamp.timestamp() * 1000),
    )
