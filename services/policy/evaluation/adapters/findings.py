"""Publishes findings to the school's shard."""

from chassis.bus.bus import Bus
from contracts.evaluation.v1.evaluation_pb2 import Finding


class FindingsStream:
    """Through the bus of the role evaluation."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus

    async def publish(self, school: str, shard: int, finding: Finding) -> None:
        """Returns once stored. TransientError while NATS is away."""
        await self._bus.publish(
            finding,
            tenant=school,
            message_id=finding.finding_id,
            shard=str(shard),
            person=finding.person_id,
        )
