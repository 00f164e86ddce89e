"""What goes wrong and when: a schedule that depends on the seed only, and the hand that does it."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from tests.chaos.cluster import Cluster
from tests.chaos.crew import Crew


class Deed(StrEnum):
    KILL_PRIMARY = "SIGKILL the primary"
    FREEZE_PRIMARY = "SIGSTOP the primary"
    STEP_DOWN = "step the primary down"
    KILL_SECONDARY = "SIGKILL a secondary"
    FREEZE_SECONDARIES = "SIGSTOP all secondaries"
    KILL_WRITER = "SIGKILL a writer"
    KILL_PROJECTION = "SIGKILL the projection"


ANYWHERE = (
    Deed.KILL_PRIMARY,
    Deed.FREEZE_PRIMARY,
    Deed.STEP_DOWN,
    Deed.KILL_WRITER,
    Deed.KILL_PROJECTION,
)
IN_A_SET = (
    *ANYWHERE,
    # Twice as often: failovers are the point of a set.
    Deed.KILL_PRIMARY,
    Deed.FREEZE_PRIMARY,
    Deed.KILL_SECONDARY,
    Deed.FREEZE_SECONDARIES,
)

_LONGEST_HOLD_S = {
    # A frozen primary is deposed after two seconds, and given up by clients after as many.
    Deed.KILL_PRIMARY: 1.5,
    Deed.FREEZE_PRIMARY: 9.0,
    Deed.KILL_SECONDARY: 2.0,
    Deed.FREEZE_SECONDARIES: 6.0,
    Deed.KILL_WRITER: 0.3,
    Deed.KILL_PROJECTION: 0.3,
}
_CALM_S = (0.4, 2.5)


@dataclass(frozen=True)
class Step:
    """``calm_s`` of peace, then a deed and ``hold_s`` until it is made good."""

    calm_s: float
    deed: Deed
    hold_s: float
    target: int


def schedule(seed: int, seconds: float, nodes: int, writers: int) -> list[Step]:
    """Steps that together take about ``seconds``."""
    choice = random.Random(seed)  # noqa: S311 - seeded, not secret
    steps: list[Step] = []
    left = seconds
    while left > 0:
        deed = choice.choice(ANYWHERE if nodes == 1 else IN_A_SET)
        # Squared: mostly short, so that more happens, and now and then past every deadline.
        hold_s = choice.random() ** 2 * _LONGEST_HOLD_S.get(deed, 0)
        step = Step(choice.uniform(*_CALM_S), deed, hold_s, choice.randrange(writers))
        left -= step.calm_s + step.hold_s
        steps.append(step)
    return steps


class Nemesis:
    """Does one step's deed and makes it good again."""

    def __init__(self, cluster: Cluster, crew: Crew) -> None:
        self._cluster = cluster
        self._crew = crew

    def act(self, step: Step) -> None:
        if step.deed is Deed.KILL_WRITER:
            self._crew.kill_writer(step.target)
        elif step.deed is Deed.KILL_PROJECTION:
            self._crew.kill_projection()
        else:
            self._harm(step.deed, self._cluster.primary())

    def make_good(self) -> None:
        self._cluster.heal()
        self._crew.complete()

    def _harm(self, deed: Deed, primary: int | None) -> None:
        others = self._cluster.others(primary)
        for node in self._victims(deed, primary, others):
            if deed in (Deed.KILL_PRIMARY, Deed.KILL_SECONDARY):
                self._cluster.kill(node)
            elif deed is Deed.STEP_DOWN:
                self._cluster.step_down(node)
            else:
                self._cluster.freeze(node)

    @staticmethod
    def _victims(deed: Deed, primary: int | None, others: Sequence[int]) -> Sequence[int]:
        if deed is Deed.FREEZE_SECONDARIES:
            return others
        if deed is Deed.KILL_SECONDARY:
            return others[:1]
        # While nobody is primary there is nothing to do to it.
        return [] if primary is None else [primary]
