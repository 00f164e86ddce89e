"""One evaluation for the folder: compiling the pack takes about a second."""

from collections.abc import Callable

import pytest

from contracts.activity import Activity, Kind
from services.policy.evaluation.adapters.assembly import assemble
from services.policy.evaluation.domain.evaluate import evaluate
from services.policy.evaluation.domain.evaluation import Evaluation
from services.policy.evaluation.domain.finding import Finding
from services.policy.evaluation.domain.policy import RosterFacts

Evaluate = Callable[..., tuple[Finding, ...]]


@pytest.fixture(scope="session")
def evaluation() -> Evaluation:
    return assemble()


@pytest.fixture(scope="session")
def found(evaluation: Evaluation) -> Evaluate:
    def run(
        text: str,
        kind: Kind = Kind.TEXT_TYPED,
        facts: RosterFacts | None = None,
        title: str = "",
        url: str = "",
    ) -> tuple[Finding, ...]:
        activity = Activity(
            id="a", occurred_at_ms=0, kind=kind, login="p", text=text, title=title, url=url
        )
        return evaluate(activity, facts or RosterFacts(), evaluation)

    return run


@pytest.fixture(scope="session")
def severity(found: Evaluate) -> Callable[..., int]:
    def run(text: str, **given: object) -> int:
        return max((finding.severity for finding in found(text, **given)), default=0)

    return run
