"""The evaluation in force in each school, from the policies that were published."""

from chassis.bus.consume import Meta
from contracts.evaluation.v1.evaluation_pb2 import PolicyPublished
from services.policy.evaluation.adapters.assembly import assemble
from services.policy.evaluation.domain.evaluation import Evaluation
from services.policy.evaluation.domain.policy import Policy
from services.policy.evaluation.domain.school_policy import DEFAULT


class PolicyCopy:
    """Schools share one pack and its compiled database; only the policy differs."""

    def __init__(self) -> None:
        self._default = assemble(DEFAULT)
        self._by_school: dict[str, Evaluation] = {}

    async def learn(self, message: object, meta: Meta) -> None:
        """Take in a published policy."""
        if isinstance(message, PolicyPublished):
            policy = Policy(
                version=message.version,
                staff_enabled=message.staff_enabled,
                minimum_severity=message.minimum_severity,
            )
            base = self._default
            self._by_school[meta.tenant] = Evaluation(policy, base.pack, base.detectors)

    def of(self, school: str) -> Evaluation:
        """By the school's published policy, or the default."""
        return self._by_school.get(school, self._default)
