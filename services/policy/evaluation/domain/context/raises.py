"""Rules that raise or support: company, the writer's own plan, calls for help, and age."""

from services.policy.evaluation.domain.context.scene import Effect, Scene

_PLANNED = {"harm_to_self", "violence", "exploitation", "abuse_at_home", "extremism"}
_CARED_FOR = {"harm_to_self", "abuse_at_home", "exploitation"}
_YOUNG = {"sexual", "substances", "commerce", "violence", "exploitation"}
_LAST_PRIMARY_YEAR = 6
_SERIOUS = 3
_HELP_RAISES_TO = 4
_MANY = 2


def in_company(scene: Scene) -> Effect | None:
    """Another phrase of the same family in the same activity supports this one."""
    if not scene.company:
        return None
    delta = 1 if scene.theme.rounds_up and scene.company >= _MANY else 0
    return Effect("other words point the same way", delta=delta, factor=1.15, supports=True)


def own_words(scene: Scene) -> Effect | None:
    """Speaking of oneself supports a doubtful hit about harm to oneself."""
    if scene.family != "harm_to_self" or not scene.first_person:
        return None
    return Effect("the writer speaks of themselves", factor=1.1, supports=True, intent="personal")


def planned_soon(scene: Scene) -> Effect | None:
    """First person with a time: ``I will … tonight``."""
    entry = scene.hit.entry
    if scene.family not in _PLANNED or entry.severity < _SERIOUS:
        return None
    if entry.strength == "needs_context":
        return None
    if not (scene.first_person and scene.soon):
        return None
    return Effect("a time is named", delta=1, factor=1.1, supports=True, imminence="soon")


def asking_for_help(scene: Scene) -> Effect | None:
    """Asking for help raises care, never lowers it."""
    if scene.family not in _CARED_FOR or not scene.cues.found("help", scene.around):
        return None
    delta = 1 if scene.hit.entry.severity < _HELP_RAISES_TO else 0
    return Effect("the writer asks for help", delta=delta, factor=1.1, supports=True)


def young(scene: Scene) -> Effect | None:
    """What is common in the sixth form is not in primary school (year 6 and below)."""
    year = scene.facts.year_group
    if year is None or year > _LAST_PRIMARY_YEAR or scene.family not in _YOUNG:
        return None
    return Effect("the pupil is of primary age", delta=1)
