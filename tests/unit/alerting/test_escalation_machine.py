"""Whatever comes, in any order and any number: no step twice, none skipped, always an end."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from eventsourcing.domain import CanMutateAggregate
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from services.alerting.domain import events as e
from services.alerting.domain.escalation import Escalation
from services.alerting.domain.position import Position
from services.alerting.domain.staffing import MannedStep

T0 = datetime(2026, 11, 24, 21, 10, tzinfo=UTC)
STEPS = st.integers(1, 12)
POSITIONS = st.builds(Position, st.just(3), st.integers(8, 12))


class Climbing(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.now = T0
        self.events: list[CanMutateAggregate[UUID]] = []
        self.final: str | None = None

    @initialize(steps=st.integers(0, 10))
    def begin(self, steps: int) -> None:
        self.one = Escalation.consider(
            tenant="school",
            incident_id="incident",
            reference="VG-1",
            theme="bullying",
            severity=3,
            position=Position(3, 10),
            at=self.now,
        )
        manned = [MannedStep("dsl", 60_000, f"u-{n}") for n in range(steps)]
        self.one.start(manned, [], "vigil.invalid", self.now)
        self.steps = steps

    @rule(seconds=st.integers(1, 600))
    def time_passes(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)

    @rule(step=STEPS)
    def any_timer_fires(self, step: int) -> None:
        self.one.reach(step, self.now)

    @precondition(lambda self: self.one.todo().timer is not None)
    @rule()
    def the_right_timer_fires(self) -> None:
        timer = self.one.todo().timer
        assert timer is not None
        assert self.one.reach(timer.step, max(self.now, timer.at)).changed

    @rule(step=STEPS)
    def delivered(self, step: int) -> None:
        self.one.deliver(step, self.now)

    @rule(step=STEPS)
    def refused(self, step: int) -> None:
        self.one.fail(step, "refused (550)", self.now)

    @rule(position=POSITIONS)
    def acknowledged(self, position: Position) -> None:
        self.one.acknowledge("u-0", position, self.now)

    @rule(position=POSITIONS)
    def closed(self, position: Position) -> None:
        self.one.close(position, self.now)

    @rule()
    def superseded(self) -> None:
        self.one.supersede(self.now)

    @rule()
    def started_again(self) -> None:
        assert not self.one.start([], [], "vigil.invalid", self.now).changed

    @invariant()
    def steps_come_once_and_in_order(self) -> None:
        self.events += self.one.collect_events()
        reached = [event.step for event in self.events if isinstance(event, e.StepReached)]
        assert reached == list(range(1, len(reached) + 1))
        assert len(reached) <= self.steps
        requested = [x.step for x in self.events if isinstance(x, e.NotificationRequested)]
        assert requested == reached
        settled = [
            event.step
            for event in self.events
            if isinstance(event, e.NotificationDelivered | e.NotificationFailed)
        ]
        assert len(settled) == len(set(settled))

    @invariant()
    def an_answer_is_final(self) -> None:
        if self.final is not None:
            assert self.one.state == self.final
        if self.one.state in (e.ACKNOWLEDGED, e.ENDED):
            self.final = self.one.state
            assert self.one.todo().timer is None
            assert not self.one.todo().deliveries

    def teardown(self) -> None:
        if not hasattr(self, "one"):
            return
        for _ in range(self.steps + 1):
            timer = self.one.todo().timer
            if timer is not None:
                self.one.reach(timer.step, timer.at)
        assert self.one.state in (e.ACKNOWLEDGED, e.ENDED, e.EXHAUSTED)


TestClimbing = Climbing.TestCase
TestClimbing.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)
