"""Applies the table of context rules to one hit."""

from collections.abc import Callable

import msgspec

from services.policy.evaluation.domain.context import facets, raises, softens
from services.policy.evaluation.domain.context.scene import Effect, Scene
from services.policy.evaluation.domain.finding import Step

RULES: tuple[Callable[[Scene], Effect | None], ...] = (
    raises.in_company,
    raises.own_words,
    raises.planned_soon,
    raises.asking_for_help,
    raises.young,
    softens.negated,
    softens.answered_back,
    softens.quoted,
    softens.in_a_lesson,
    softens.asked_for_meaning,
    softens.in_a_game,
    softens.joked,
    softens.passive_source,
    facets.received,
    facets.told,
    facets.worried_for_another,
    facets.searched,
    facets.disguised,
)
"""In the order in which they are applied and explained."""

_CONFIDENCE = {"strong": 0.85, "weak": 0.5, "needs_context": 0.45}
_FLOOR = 3
_HIGHEST = 5


class Judgement(msgspec.Struct, frozen=True):
    """A hit after its context: severity 1-5, confidence 0-1, and how it came to that."""

    severity: int
    confidence: float
    steps: tuple[Step, ...]
    intent: str
    role: str
    imminence: str


def judge(scene: Scene) -> Judgement | None:
    """Return what remains of a hit, or None where its context silences it.

    Where doubt rounds up, a strong entry of severity 3 or more never falls below 3.
    """
    entry = scene.hit.entry
    if entry.strength == "needs_context" and not scene.company:
        return None
    rounds_up = scene.theme.rounds_up and entry.strength == "strong" and entry.severity >= _FLOOR
    floor = _FLOOR if rounds_up else 0
    severity, confidence, supported = entry.severity, _CONFIDENCE[entry.strength], False
    intent, role, imminence = entry.intent, entry.role, entry.imminence
    steps: list[Step] = []
    for rule in RULES:
        effect = rule(scene)
        if effect is None:
            continue
        after = min(_HIGHEST, max(floor, severity + effect.delta))
        steps.append(Step(rule.__name__, severity, after, effect.because))
        severity, confidence = after, confidence * effect.factor
        supported = supported or effect.supports
        intent = effect.intent or intent
        role = effect.role or role
        imminence = effect.imminence or imminence
    if entry.strength == "weak" and not supported and severity > 1:
        steps.append(Step("weak", severity, severity - 1, "the words alone are a weak sign"))
        severity -= 1
    if severity < 1:
        return None
    confidence = round(min(0.99, max(0.05, confidence)), 2)
    return Judgement(severity, confidence, tuple(steps), intent, role, imminence)
