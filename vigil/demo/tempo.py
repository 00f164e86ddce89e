"""A day in a minute: what else must go faster then."""

from dataclasses import dataclass

from contracts.alerting.v1.alerting_pb2 import Plan, PlanStep

DAY_MIN = 870
"""The recorded day: 07:30 to 22:00."""
SILENT_AFTER_MIN = 60
"""Minutes of the day. Devices of the recording say that they are alive every 15."""
MISSED_MIN = 45
"""Minutes of the day: three signs of life."""
LEAST_SILENCE_S = 3.0
"""Signs of life are written once a second; less would call a busy machine's devices silent."""
SCHOOL_ENDS = "15:00"
"""Laptops are closed then and go home: silence says nothing any more."""

PLAN = Plan(
    steps=[
        PlanStep(role="dsl", wait_ms=8_000),
        PlanStep(role="deputy_dsl", wait_ms=8_000),
        PlanStep(role="head", wait_ms=15_000),
    ],
    minimum_severity=3,
)
"""Seconds for what takes minutes in a school."""
PLAN_TAKES_S = sum(step.wait_ms for step in PLAN.steps) / 1000
ANSWERS_AFTER_S = 1.5
"""When the demo's safeguarding lead acknowledges what they were told."""
LEFT_ALONE_FROM = 4
"""The first incident this severe is acknowledged by nobody, so that the plan climbs."""


@dataclass(frozen=True)
class Tempo:
    """``within_s``: seconds in which the day passes."""

    within_s: float

    @property
    def silent_after_s(self) -> float:
        """Seconds without a word after which a device counts as silent."""
        return max(LEAST_SILENCE_S, self.within_s * SILENT_AFTER_MIN / DAY_MIN)

    @property
    def overrides(self) -> dict[str, dict[str, str]]:
        """Settings of the roles that differ from the product's."""
        return {
            "capture": {
                "SILENT_AFTER_S": f"{self.silent_after_s:.1f}",
                "COVERAGE_EVERY_S": "0.5",
            },
            "gateway": {"INTROSPECTION": "true"},
        }
