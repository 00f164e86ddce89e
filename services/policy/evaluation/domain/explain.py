"""The sentence a teacher reads above the words themselves."""

from services.policy.evaluation.domain.context.judge import Judgement
from services.policy.evaluation.domain.detector import Hit
from services.policy.evaluation.domain.finding import Explanation
from services.policy.evaluation.domain.policy import RosterFacts
from services.policy.evaluation.domain.themes import THEMES

_LEVELS = {1: "low", 2: "medium", 3: "high", 4: "severe", 5: "urgent"}


def explain(hit: Hit, raw: str, judgement: Judgement, facts: RosterFacts) -> Explanation:
    """Return the explanation of ``hit`` in ``raw``, the field as it was written."""
    start, end = hit.raw_span
    return Explanation(
        phrase=hit.entry.phrase,
        matched=raw[start:end],
        disguises=hit.view.disguises,
        base_severity=hit.entry.severity,
        steps=judgement.steps,
        note=hit.entry.note,
        sentence=_sentence(hit, judgement),
        role=facts.role,
        year_group=facts.year_group,
    )


def _sentence(hit: Hit, judgement: Judgement) -> str:
    theme = THEMES[hit.entry.theme].words
    sentence = (
        f"{theme.capitalize()}, {_LEVELS[judgement.severity]} "
        f"({judgement.severity} of 5): {hit.entry.note}"
    )
    for direction, said in ((1, "Raised because"), (-1, "Lowered because"), (0, "Also")):
        reasons = [
            step.because
            for step in judgement.steps
            if (step.after > step.before) - (step.after < step.before) == direction
        ]
        if reasons:
            sentence += f" {said}: {'; '.join(reasons)}."
    if hit.view.disguises:
        sentence += f" To read it, Vigil undid {' and '.join(hit.view.disguises)}."
    return sentence
