"""Rules that lower: negation, answering back, quoting, lessons, games and weaker sources."""

from contracts.activity import Kind
from services.policy.evaluation.domain.context.scene import Effect, Scene

_ANSWERED_BACK = {"bullying_and_hate", "extremism", "violence", "sexual", "exploitation"}
_SAID_ANYWAY = {"bullying_and_hate", "conduct"}
_JOKED = {"violence", "harm_to_self"}
_PASSIVE = {Kind.PAGE_VISIT, Kind.APP_FOCUS, Kind.FILE_OPEN, Kind.DOWNLOAD, Kind.SCREENSHOT}


def negated(scene: Scene) -> Effect | None:
    """``not going to …`` in the three words before; an insult stays one, negated or not."""
    if scene.family in _SAID_ANYWAY or not scene.cues.ends("negation", scene.before):
        return None
    return Effect("the words are negated", delta=-2, factor=0.5)


def answered_back(scene: Scene) -> Effect | None:
    """``… is wrong``, ``stop saying …``: speech against what is said."""
    if scene.family not in _ANSWERED_BACK or not scene.cues.found("counter_speech", scene.around):
        return None
    return Effect("the writer speaks against it", delta=-2, factor=0.4, role="bystander")


def quoted(scene: Scene) -> Effect | None:
    """Words in quotation marks are somebody else's."""
    if scene.family not in _ANSWERED_BACK or scene.before.count('"') % 2 == 0:
        return None
    if '"' not in scene.after:
        return None
    return Effect("the words stand in quotation marks", delta=-1, factor=0.7)


def in_a_lesson(scene: Scene) -> Effect | None:
    """An essay, homework or a subject's name; not where the writer names a time for themselves."""
    if scene.first_person and scene.soon:
        return None
    if not scene.cues.found("lesson", scene.around):
        return None
    return Effect("it reads like schoolwork", delta=-2, factor=0.4, intent="academic")


def asked_for_meaning(scene: Scene) -> Effect | None:
    """``what is …``: the meaning of a word is asked, not the thing."""
    if scene.hit.entry.strength != "weak" or not scene.cues.ends("definition", scene.before):
        return None
    return Effect("its meaning is asked", delta=-1, factor=0.6, intent="curious")


def in_a_game(scene: Scene) -> Effect | None:
    """Killing belongs to many games."""
    if scene.family != "violence" or not scene.cues.found("game", scene.around):
        return None
    return Effect("it reads like talk about a game", delta=-3, factor=0.4)


def joked(scene: Scene) -> Effect | None:
    """Laughter and everyday causes (``this homework``) mark a figure of speech."""
    if scene.family not in _JOKED or not scene.cues.found("joke", scene.near):
        return None
    delta = -2 if scene.family == "violence" else -1
    return Effect("it reads like a figure of speech", delta=delta, factor=0.5)


def passive_source(scene: Scene) -> Effect | None:
    """A page's title or address says less about a pupil than what they write."""
    if scene.kind not in _PASSIVE and scene.hit.view.field == "text":
        return None
    return Effect("it was read, not written", delta=-1, factor=0.7)
