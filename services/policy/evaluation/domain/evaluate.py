"""Evaluates one activity: a pure function, so that *why* can be asked again later."""

from collections.abc import Iterable

from contracts.activity import Activity
from services.policy.evaluation.domain.context.judge import Judgement, judge
from services.policy.evaluation.domain.context.scene import scene_of
from services.policy.evaluation.domain.detector import Hit
from services.policy.evaluation.domain.evaluation import Evaluation
from services.policy.evaluation.domain.explain import explain
from services.policy.evaluation.domain.finding import Facets, Finding, Span
from services.policy.evaluation.domain.policy import RosterFacts
from services.policy.evaluation.domain.themes import THEMES

_REACH = 400
"""Characters within which signs keep one another company: a few messages, not a whole essay."""


def evaluate(activity: Activity, facts: RosterFacts, evaluation: Evaluation) -> tuple[Finding, ...]:
    """Return the best finding of each theme in ``activity``, most severe first."""
    if not facts.evaluated(evaluation.policy):
        return ()
    hits = _hits(activity, evaluation)
    if not hits:
        return ()
    return _findings(activity, facts, evaluation, _unsilenced(hits))


def _hits(activity: Activity, evaluation: Evaluation) -> list[Hit]:
    hits: list[Hit] = []
    for field, raw in (("text", activity.text), ("title", activity.title), ("url", activity.url)):
        if raw:
            views = evaluation.normaliser.views(field, raw)
            for detector in evaluation.detectors:
                hits.extend(detector.detect(views))
    return hits


def _unsilenced(hits: Iterable[Hit]) -> list[Hit]:
    allowed = [(hit, *hit.raw_span) for hit in hits if not hit.entry.theme]
    return [hit for hit in hits if hit.entry.theme and not _silenced(hit, allowed)]


def _silenced(hit: Hit, allowed: list[tuple[Hit, int, int]]) -> bool:
    start, end = hit.raw_span
    return any(
        allow.view.field == hit.view.field
        and allow_start < end
        and start < allow_end
        and (not allow.entry.silences or hit.entry.theme in allow.entry.silences)
        for allow, allow_start, allow_end in allowed
    )


def _findings(
    activity: Activity, facts: RosterFacts, evaluation: Evaluation, hits: list[Hit]
) -> tuple[Finding, ...]:
    signs = {(THEMES[hit.entry.theme].family, *_place(hit)) for hit in hits}
    best: dict[str, tuple[tuple[int, float, str, int], Hit, Judgement]] = {}
    for hit in hits:
        company = _company(hit, signs)
        scene = scene_of(hit, activity.kind, facts, evaluation.pack.cues, company)
        judgement = judge(scene)
        if judgement is None or judgement.severity < evaluation.policy.minimum_severity:
            continue
        rank = (-judgement.severity, -judgement.confidence, hit.entry.rule_id, hit.start)
        if hit.entry.theme not in best or rank < best[hit.entry.theme][0]:
            best[hit.entry.theme] = (rank, hit, judgement)
    ranked = sorted(best.values(), key=lambda found: found[0])
    return tuple(
        _finding(hit, judgement, str(getattr(activity, hit.view.field)), facts)
        for _, hit, judgement in ranked
    )


def _company(hit: Hit, signs: set[tuple[str, str, int]]) -> int:
    """Count other signs of the family of ``hit``: near it, or in another field."""
    family, (field, start) = THEMES[hit.entry.theme].family, _place(hit)
    return sum(
        other_family == family and (other_field != field or 0 < abs(other - start) <= _REACH)
        for other_family, other_field, other in signs
    )


def _place(hit: Hit) -> tuple[str, int]:
    """Two entries that begin at the same word are one sign, not two."""
    return hit.view.field, hit.raw_span[0]


def _finding(hit: Hit, judgement: Judgement, raw: str, facts: RosterFacts) -> Finding:
    entry, theme = hit.entry, THEMES[hit.entry.theme]
    return Finding(
        theme=theme.key,
        family=theme.family,
        severity=judgement.severity,
        confidence=judgement.confidence,
        rule_id=entry.rule_id,
        spans=(Span(hit.view.field, *hit.raw_span),),
        facets=Facets(
            four_c=theme.four_c,
            intent=judgement.intent or "unclear",
            role=judgement.role or "unclear",
            protected=entry.protected,
            ideology=entry.ideology,
            imminence=judgement.imminence,
        ),
        explanation=explain(hit, raw, judgement, facts),
    )
