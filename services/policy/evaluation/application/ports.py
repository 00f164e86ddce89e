"""What evaluation needs from outside."""

from typing import Protocol

from contracts.evaluation.v1.evaluation_pb2 import Finding
from services.policy.evaluation.domain.evaluation import Evaluation
from services.policy.evaluation.domain.policy import RosterFacts


class Roster(Protocol):
    """Evaluation's copy of schools and people, without names."""

    def facts(self, school: str, person_id: str) -> RosterFacts:
        """What the roster says about a person; unknown role where it says nothing."""
        ...

    def shard(self, school: str) -> int:
        """The school's shard; NotFoundError for a school that is not known."""
        ...


class Evaluations(Protocol):
    """The evaluation in force in each school."""

    def of(self, school: str) -> Evaluation:
        """By the school's published policy, or the default."""
        ...


class Findings(Protocol):
    """Where findings go."""

    async def publish(self, school: str, shard: int, finding: Finding) -> None:
        """Returns once stored. TransientError while NATS is away."""
        ...
