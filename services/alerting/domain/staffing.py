"""Who stands behind the roles of a plan, at the moment an escalation starts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from services.alerting.domain.plan import Step


@dataclass(frozen=True, slots=True)
class MannedStep:
    """A step and the user who is told. Frozen with the escalation."""

    role: str
    wait_ms: int
    user_id: str


@dataclass(frozen=True, slots=True)
class Skipped:
    """A step of the plan that cannot be taken, and why, in words."""

    role: str
    reason: str


def man(
    steps: Sequence[Step], on_duty: Mapping[str, str | None]
) -> tuple[list[MannedStep], list[Skipped]]:
    """Put users into steps. A role with nobody is left out, its reason is kept."""
    manned: list[MannedStep] = []
    skipped: list[Skipped] = []
    for step in steps:
        user = on_duty.get(step.role)
        if user is None:
            skipped.append(Skipped(step.role, "the school has no active user with this role"))
        else:
            manned.append(MannedStep(step.role, step.wait_ms, user))
    return manned, skipped
