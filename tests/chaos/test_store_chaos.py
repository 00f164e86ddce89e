"""A short run of the chaos program: one node, two writers, everything judged."""

from pathlib import Path

from tests.chaos.nemesis import schedule
from tests.chaos.run import run


def test_a_short_run_finds_nothing(tmp_path: Path) -> None:
    said: list[str] = []
    result = run(tmp_path, seed=6, seconds=12, nodes=1, writers=2, say=said.append)
    assert result.good, (result.verdict.findings[:10], result.problems, said)
    assert result.verdict.counts["ok"] > 50
    assert result.verdict.counts["refused"] > 10


def test_the_schedule_depends_on_the_seed_only() -> None:
    assert schedule(1, 60, 3, 4) == schedule(1, 60, 3, 4)
    assert schedule(1, 60, 3, 4) != schedule(2, 60, 3, 4)
    assert sum(step.calm_s + step.hold_s for step in schedule(1, 60, 3, 4)) >= 60
