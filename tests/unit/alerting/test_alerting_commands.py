"""Commands against the library's own store in memory: told in messages, judged by what is owed."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from chassis.errors import InvalidError, NotFoundError
from services.alerting.application.answer_incident import (
    AcknowledgeIncident,
    CloseIncident,
    answer_incident,
)
from services.alerting.application.look_after import look_after
from services.alerting.application.outcome import Alerting, Outcome, escalations_of
from services.alerting.application.reach_step import ReachStep, reach_step
from services.alerting.application.set_plan import SetPlan, set_plan
from services.alerting.application.settle_notification import (
    SettleNotification,
    settle_notification,
)
from services.alerting.application.start_escalation import StartEscalation, start_escalation
from services.alerting.application.write_notice import write_notice
from services.alerting.domain.plan import Step, Terms
from services.alerting.domain.position import Position

T0 = datetime(2026, 11, 24, 21, 10, tzinfo=UTC)
STAFF = {"dsl": "u-dsl", "deputy_dsl": "u-deputy", "head": "u-head"}
OPENED = StartEscalation(
    tenant="school",
    incident_id="incident",
    reference="VG-7K3Q2",
    theme="self_harm",
    severity=4,
    position=Position(3, 10),
    on_duty=STAFF,
    message_domain="vigil.invalid",
    at=T0,
)


def raised(severity: int, n: int) -> StartEscalation:
    return replace(OPENED, severity=severity, position=Position(3, n))


def acknowledged(n: int) -> AcknowledgeIncident:
    return AcknowledgeIncident("school", "incident", "u-dsl", Position(3, n), T0)


def plan(app: Alerting, minimum: int, *steps: Step) -> Outcome:
    return set_plan(app, SetPlan("school", Terms(steps, minimum), "u-head", T0))


def states(app: Alerting) -> dict[int, str]:
    return {s: one.state for s, one in escalations_of(app, "school", "incident").items()}


def test_an_incident_starts_an_escalation_that_owes_a_mail_and_a_timer() -> None:
    app = Alerting()
    outcome = start_escalation(app, OPENED)
    (todo,) = outcome.todos
    assert outcome.position > 0
    assert todo.deliveries == (1,)
    assert todo.timer is not None
    assert todo.timer.at == T0 + timedelta(minutes=5)


def test_the_same_message_again_writes_nothing_and_owes_the_same() -> None:
    app = Alerting()
    first = start_escalation(app, OPENED)
    again = start_escalation(app, replace(OPENED, at=T0 + timedelta(hours=1)))
    assert again.position == 0
    assert again.todos == first.todos


def test_below_the_plan_nobody_is_told_not_even_when_the_plan_changes_and_it_comes_again() -> None:
    app = Alerting()
    plan(app, 5, Step("dsl", 1_000))
    outcome = start_escalation(app, OPENED)
    assert outcome.verdict == "not started: severity 4 is below the plan's 5"
    assert outcome.todos == ()
    plan(app, 1, Step("dsl", 1_000))
    assert start_escalation(app, OPENED).verdict == "this was decided before"
    assert states(app) == {4: "declined"}


def test_a_raise_ends_the_lower_one_in_the_same_commit() -> None:
    app = Alerting()
    start_escalation(app, replace(OPENED, severity=3))
    start_escalation(app, raised(5, 12))
    assert states(app) == {3: "ended", 5: "running"}


def test_a_raise_that_the_plan_leaves_out_lets_the_lower_one_run() -> None:
    app = Alerting()
    start_escalation(app, replace(OPENED, severity=3))
    plan(app, 5, Step("dsl", 1_000))
    start_escalation(app, raised(4, 12))
    assert states(app) == {3: "running", 4: "declined"}


def test_a_raise_with_nobody_to_tell_is_loud_and_lets_the_lower_one_run() -> None:
    app = Alerting()
    start_escalation(app, replace(OPENED, severity=3))
    outcome = start_escalation(app, replace(raised(5, 12), on_duty={}))
    assert len(outcome.exhausted) == 1
    assert states(app) == {3: "running", 5: "exhausted"}


def test_a_lower_severity_that_comes_late_does_not_run_beside_the_higher() -> None:
    app = Alerting()
    start_escalation(app, raised(5, 12))
    start_escalation(app, replace(OPENED, severity=3))
    assert states(app) == {5: "running", 3: "declined"}


def test_a_raise_after_an_answer_alerts_anew_and_the_old_answer_does_not_silence_it() -> None:
    app = Alerting()
    start_escalation(app, replace(OPENED, severity=3))
    answer_incident(app, acknowledged(11))
    start_escalation(app, raised(5, 12))
    outcome = answer_incident(app, acknowledged(11))
    assert states(app) == {3: "acknowledged", 5: "running"}
    assert outcome.position == 0
    answer_incident(app, acknowledged(13))
    assert states(app) == {3: "acknowledged", 5: "acknowledged"}


def test_closing_ends_and_an_incident_that_alerted_nobody_has_nothing_to_stop() -> None:
    app = Alerting()
    assert answer_incident(app, acknowledged(11)).verdict == "the incident has no escalation"
    start_escalation(app, OPENED)
    answer_incident(app, CloseIncident("school", "incident", Position(3, 11), T0))
    assert states(app) == {4: "ended"}
    assert start_escalation(app, OPENED).position == 0


def test_steps_climb_to_the_end_and_the_end_is_loud() -> None:
    app = Alerting()
    plan(app, 1, Step("dsl", 1_000), Step("head", 1_000))
    (todo,) = start_escalation(app, OPENED).todos
    (todo,) = reach_step(app, ReachStep("school", todo.escalation_id, 2, T0)).todos
    assert todo.deliveries == (1, 2)
    outcome = reach_step(app, ReachStep("school", todo.escalation_id, 3, T0))
    assert outcome.exhausted == (todo.escalation_id,)
    again = reach_step(app, ReachStep("school", todo.escalation_id, 3, T0))
    assert again.exhausted == ()
    assert again.position == 0


def test_a_failure_reaches_the_next_step_and_a_delivery_is_settled_once() -> None:
    app = Alerting()
    (todo,) = start_escalation(app, OPENED).todos
    failed = SettleNotification("school", todo.escalation_id, 1, "refused (550)", T0)
    (todo,) = settle_notification(app, failed).todos
    assert todo.deliveries == (2,)
    delivered = replace(failed, step=2, failure="")
    assert settle_notification(app, delivered).todos[0].deliveries == ()
    assert settle_notification(app, delivered).position == 0


def test_an_escalation_of_another_school_is_not_there() -> None:
    app = Alerting()
    (todo,) = start_escalation(app, OPENED).todos
    with pytest.raises(NotFoundError):
        reach_step(app, ReachStep("other", todo.escalation_id, 2, T0))
    with pytest.raises(NotFoundError):
        look_after(app, "school", "not-an-id")


def test_a_severity_that_is_none_is_refused() -> None:
    with pytest.raises(InvalidError):
        start_escalation(Alerting(), replace(OPENED, severity=0))


def test_the_notice_names_what_comes_next_and_only_while_it_is_to_come() -> None:
    app = Alerting()
    plan(app, 1, Step("dsl", 60_000), Step("head", 60_000))
    (todo,) = start_escalation(app, OPENED).todos

    def onward(step: int) -> object:
        letter = write_notice(app, "school", todo.escalation_id, step, "Europe/London")
        assert letter is not None
        return letter.notice.onward and (letter.notice.onward.role, letter.notice.onward.at)

    assert onward(1) == ("head", T0 + timedelta(minutes=1))
    reach_step(app, ReachStep("school", todo.escalation_id, 2, T0))
    assert onward(1) is None
    assert onward(2) == (None, T0 + timedelta(minutes=1))
    answer_incident(app, acknowledged(11))
    assert write_notice(app, "school", todo.escalation_id, 2, "Europe/London") is None
