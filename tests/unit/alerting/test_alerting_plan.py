from datetime import UTC, datetime

import pytest

from chassis.errors import InvalidError
from services.alerting.domain.plan import DEFAULT, Plan, Step, Terms
from services.alerting.domain.staffing import MannedStep, man

T0 = datetime(2026, 11, 24, tzinfo=UTC)
DSL = Step("dsl", 1_000)


def test_the_default_tells_three_roles_within_ten_minutes() -> None:
    assert [(step.role, step.wait_ms // 60_000) for step in DEFAULT.steps] == [
        ("dsl", 5),
        ("deputy_dsl", 5),
        ("head", 15),
    ]
    assert DEFAULT.minimum_severity == 3


@pytest.mark.parametrize(
    ("steps", "minimum", "field"),
    [
        ((), 3, "steps:"),
        ((DSL,) * 11, 3, "steps:"),
        ((DSL, Step("caretaker", 1_000)), 3, "steps[2].role:"),
        ((Step("dsl", 999),), 3, "steps[1].wait_ms:"),
        ((Step("dsl", 24 * 3_600_000 + 1),), 3, "steps[1].wait_ms:"),
        ((DSL,), 0, "minimum_severity:"),
        ((DSL,), 6, "minimum_severity:"),
    ],
)
def test_a_refused_plan_names_the_field(steps: tuple[Step, ...], minimum: int, field: str) -> None:
    with pytest.raises(InvalidError, match=field.replace("[", r"\[").replace("]", r"\]")):
        Terms(steps, minimum)


def test_the_limits_themselves_are_allowed() -> None:
    assert Terms((DSL,) * 9 + (Step("head", 24 * 3_600_000),), 5).steps[9].role == "head"


def test_setting_the_same_plan_again_says_so() -> None:
    plan = Plan.open("school", T0)
    terms = Terms((DSL,), 2)
    assert plan.set(terms, "u-head", T0) == "the plan is set"
    assert plan.set(terms, "u-head", T0) == "the plan says this already"
    assert len(plan.collect_events()) == 2
    assert plan.terms == terms


def test_a_school_may_set_the_defaults_terms_as_its_own() -> None:
    plan = Plan.open("school", T0)
    assert plan.set(DEFAULT, "u-head", T0) == "the plan is set"


def test_a_role_with_nobody_is_left_out_with_its_reason() -> None:
    manned, skipped = man(DEFAULT.steps, {"dsl": "u-1", "deputy_dsl": None})
    assert manned == [MannedStep("dsl", 300_000, "u-1")]
    assert [skip.role for skip in skipped] == ["deputy_dsl", "head"]
    assert skipped[0].reason == "the school has no active user with this role"
