"""Given an escalation in a state, when something happens, then this is said and that is owed."""

from datetime import UTC, datetime, timedelta

import pytest

from chassis.errors import InvalidError
from services.alerting.domain import events as e
from services.alerting.domain.escalation import Escalation
from services.alerting.domain.position import Position
from services.alerting.domain.staffing import MannedStep, Skipped
from services.alerting.domain.todo import Timer

T0 = datetime(2026, 11, 24, 21, 10, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
STEPS = [
    MannedStep("dsl", 300_000, "u-dsl"),
    MannedStep("deputy_dsl", 300_000, "u-deputy"),
    MannedStep("head", 900_000, "u-head"),
]
BEGUN, LATER, EARLIER = Position(3, 10), Position(3, 11), Position(3, 9)


def considered(severity: int = 4) -> Escalation:
    return Escalation.consider(
        tenant="school",
        incident_id="incident",
        reference="VG-7K3Q2",
        theme="self_harm",
        severity=severity,
        position=BEGUN,
        at=T0,
    )


def running(reached: int = 1) -> Escalation:
    one = considered()
    one.start(STEPS, [], "vigil.invalid", T0)
    for step in range(2, reached + 1):
        assert one.reach(step, T0 + step * MINUTE).changed
    one.collect_events()
    return one


def said(one: Escalation) -> list[str]:
    return [type(event).__name__ for event in one.collect_events()]


def test_start_freezes_the_plan_reaches_the_first_step_and_owes_its_notification() -> None:
    one = considered()
    verdict = one.start(STEPS, [], "vigil.invalid", T0)
    assert verdict.changed
    assert said(one) == ["Created", "Started", "StepReached", "NotificationRequested"]
    assert one.notifications[1].message_id == f"<{one.id}.1.u-dsl@vigil.invalid>"
    assert one.todo().deliveries == (1,)
    assert one.todo().timer == Timer(2, T0 + 5 * MINUTE)


def test_starting_again_changes_nothing_and_says_why() -> None:
    one = running()
    assert one.start(STEPS, [], "vigil.invalid", T0).why == "this was decided before"
    assert one.decline("below", T0).why == "this was decided before"
    assert said(one) == []


def test_with_nobody_to_tell_it_is_exhausted_at_once_and_says_who_was_skipped() -> None:
    one = considered()
    verdict = one.start([], [Skipped("dsl", "nobody")], "vigil.invalid", T0)
    assert verdict.why == "exhausted: nobody in the plan can be told"
    assert said(one) == ["Created", "Started", "Exhausted"]
    assert one.todo().timer is None


def test_a_declined_one_owes_nothing_and_does_not_start_later() -> None:
    one = considered()
    assert one.decline("severity 4 is below the plan's 5", T0).changed
    assert not one.start(STEPS, [], "vigil.invalid", T0).changed
    assert not one.acknowledge("u-dsl", LATER, T0).changed
    assert one.todo().timer is None


def test_each_step_is_reached_when_the_wait_before_it_is_over() -> None:
    one = running()
    assert one.reach(2, T0 + 6 * MINUTE).changed
    assert said(one) == ["StepReached", "NotificationRequested"]
    # The wait counts from the moment the step was reached, not from when it was due.
    assert one.todo().timer == Timer(3, T0 + 11 * MINUTE)


def test_a_late_or_repeated_timer_is_harmless() -> None:
    one = running(reached=2)
    assert one.reach(2, T0).why == "step 2 was reached before"
    assert one.reach(1, T0).why == "step 1 was reached before"
    assert said(one) == []


def test_no_step_is_skipped() -> None:
    one = running()
    assert one.reach(3, T0).why == "step 3 is not next after step 1"
    assert one.reach(4, T0).why == "step 4 is not next after step 1"
    assert said(one) == []


def test_after_the_last_wait_it_is_exhausted_once() -> None:
    one = running(reached=3)
    assert one.reach(4, T0 + 20 * MINUTE).changed
    assert said(one) == ["Exhausted"]
    assert one.reach(4, T0 + 21 * MINUTE).why == "the escalation is exhausted"
    assert one.todo().timer is None


def test_an_exhausted_one_still_owes_what_was_never_delivered() -> None:
    one = running(reached=3)
    one.deliver(2, T0)
    one.reach(4, T0 + 20 * MINUTE)
    assert one.todo().deliveries == (1, 3)


def test_delivery_is_recorded_once() -> None:
    one = running()
    assert one.deliver(1, T0).changed
    assert one.deliver(1, T0).why == "the notification of step 1 was delivered before"
    assert one.fail(1, "refused", T0).why == "the notification of step 1 was delivered before"
    assert one.deliver(2, T0).why == "nothing was requested for step 2"
    assert said(one) == ["NotificationDelivered"]
    assert one.todo().deliveries == ()


def test_a_refused_recipient_reaches_the_next_step_at_once() -> None:
    one = running()
    assert one.fail(1, "refused (550)", T0 + MINUTE).changed
    assert said(one) == ["NotificationFailed", "StepReached", "NotificationRequested"]
    assert one.todo().timer == Timer(3, T0 + 6 * MINUTE)
    assert one.todo().deliveries == (2,)


def test_a_refusal_that_comes_after_the_next_step_does_not_climb_twice() -> None:
    one = running(reached=2)
    assert one.fail(1, "refused (550)", T0).why.endswith("step 2 was reached before")
    assert said(one) == ["NotificationFailed"]


def test_when_the_last_recipient_is_refused_nobody_is_left() -> None:
    one = running(reached=3)
    one.fail(3, "refused (550)", T0)
    assert said(one) == ["NotificationFailed", "Exhausted"]


def test_an_acknowledgement_stops_the_climb_and_what_was_not_sent() -> None:
    one = running()
    assert one.acknowledge("u-dsl", LATER, T0 + MINUTE).changed
    assert said(one) == ["Acknowledged"]
    assert one.todo().timer is None
    assert one.todo().deliveries == ()
    assert one.reach(2, T0 + 5 * MINUTE).why == "the escalation is acknowledged"
    assert one.acknowledge("u-head", LATER, T0).why == "the escalation is acknowledged"
    assert one.close(LATER, T0).why == "the escalation is acknowledged"
    assert one.supersede(T0).why == "the escalation is acknowledged"


def test_a_message_delivered_while_somebody_answered_is_still_recorded() -> None:
    one = running()
    one.acknowledge("u-dsl", LATER, T0)
    assert one.deliver(1, T0).changed
    assert one.fail(1, "refused", T0).changed is False


def test_a_refusal_after_the_answer_does_not_climb() -> None:
    one = running()
    one.acknowledge("u-dsl", LATER, T0)
    one.collect_events()
    assert one.fail(1, "refused (550)", T0).changed
    assert said(one) == ["NotificationFailed"]


@pytest.mark.parametrize("position", [EARLIER, BEGUN])
def test_an_old_answer_that_comes_again_does_not_silence_a_later_escalation(
    position: Position,
) -> None:
    one = running()
    assert one.acknowledge("u-dsl", position, T0).why == "it was said before this escalation began"
    assert one.close(position, T0).why == "it was said before this escalation began"
    assert said(one) == []


def test_an_answer_from_the_shard_to_which_the_school_was_moved_counts() -> None:
    assert running().acknowledge("u-dsl", Position(4, 1), T0).changed


def test_a_late_answer_to_an_exhausted_one_is_recorded() -> None:
    one = running(reached=3)
    one.reach(4, T0)
    assert one.acknowledge("u-head", LATER, T0).changed
    assert one.todo().deliveries == ()


@pytest.mark.parametrize(("how", "reason"), [("close", "incident_closed"), ("over", "superseded")])
def test_closing_and_a_higher_severity_end_it(how: str, reason: str) -> None:
    one = running()
    verdict = one.close(LATER, T0) if how == "close" else one.supersede(T0)
    assert verdict.changed
    (ended,) = one.collect_events()
    assert isinstance(ended, e.Ended)
    assert ended.reason == reason
    assert one.todo().timer is None


@pytest.mark.parametrize("severity", [0, 6, -1])
def test_a_severity_that_is_none_is_refused(severity: int) -> None:
    with pytest.raises(InvalidError):
        considered(severity)


@pytest.mark.parametrize("text", ["", "3", "3:", ":4", "3:x", "-1:4", "3:4:5"])
def test_a_position_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(InvalidError):
        Position.parse(text)
    assert str(Position.parse("3:17")) == "3:17"
