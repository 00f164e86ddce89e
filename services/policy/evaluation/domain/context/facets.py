"""Rules that change nothing but what the finding says about people and intent."""

from contracts.activity import Kind
from services.policy.evaluation.domain.context.scene import Effect, Scene

_BETWEEN_PEOPLE = {"bullying_and_hate", "exploitation", "sexual", "violence"}


def received(scene: Scene) -> Effect | None:
    """What somebody else wrote to the pupil."""
    if scene.kind is not Kind.MESSAGE_RECEIVED or scene.family not in _BETWEEN_PEOPLE:
        return None
    return Effect("the pupil received it", role="possible victim")


def told(scene: Scene) -> Effect | None:
    """``he called me …``: the writer reports what was done to them."""
    if scene.family not in _BETWEEN_PEOPLE or not scene.cues.found("reporting", scene.before):
        return None
    return Effect("the writer reports what somebody else said", factor=0.9, role="possible victim")


def worried_for_another(scene: Scene) -> Effect | None:
    """``my friend says she …``: worry about somebody else is as serious."""
    if scene.family != "harm_to_self" or not scene.cues.found("third_person", scene.before):
        return None
    return Effect("it is about somebody else", role="bystander")


def searched(scene: Scene) -> Effect | None:
    """A search shows interest; whose, only a conversation can tell."""
    if scene.kind is not Kind.SEARCH:
        return None
    return Effect("it was a search", factor=0.9, intent=scene.hit.entry.intent or "curious")


def disguised(scene: Scene) -> Effect | None:
    """Words hidden by hand: less certain to be read rightly."""
    if not scene.hit.view.disguises:
        return None
    return Effect("the words were disguised", factor=0.85)
