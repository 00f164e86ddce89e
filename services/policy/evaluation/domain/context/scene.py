"""What a context rule sees, and what it may say."""

import msgspec

from contracts.activity import Kind
from services.policy.evaluation.domain.detector import Hit
from services.policy.evaluation.domain.pack import Cues, last_words
from services.policy.evaluation.domain.policy import RosterFacts
from services.policy.evaluation.domain.themes import THEMES, Theme

_NEAR = 64
"""Characters either side that count as near: about a dozen words of chat."""

_WIDE = 200
"""Characters either side in which a lesson, a game or a call for help is looked for."""


class Effect(msgspec.Struct, frozen=True):
    """What a rule says. ``delta`` is added to severity; ``factor`` multiplies confidence.

    ``supports`` lets a weak entry count in full.
    """

    because: str
    delta: int = 0
    factor: float = 1.0
    supports: bool = False
    intent: str = ""
    role: str = ""
    imminence: str = ""


class Scene(msgspec.Struct, frozen=True):
    """One hit with what is round it. ``company`` counts other entries hit in its family."""

    hit: Hit
    theme: Theme
    kind: Kind
    facts: RosterFacts
    cues: Cues
    company: int
    before: str
    after: str
    around: str

    @property
    def family(self) -> str:
        """The family of the hit's theme."""
        return self.theme.family

    @property
    def words(self) -> str:
        """The words hit, as the view has them."""
        return self.hit.view.text[self.hit.start : self.hit.end]

    @property
    def near(self) -> str:
        """The words hit and what is near them."""
        return f"{self.before}{self.words}{self.after}"

    @property
    def first_person(self) -> bool:
        """Whether the writer speaks of themselves: in the words, or just before them."""
        found = self.cues.found
        return found("first_person", self.words) or found(
            "first_person", last_words(self.before, 4)
        )

    @property
    def soon(self) -> bool:
        """Whether a near time is named."""
        return self.cues.found("soon", self.near)


def scene_of(hit: Hit, kind: Kind, facts: RosterFacts, cues: Cues, company: int) -> Scene:
    """Cut the surroundings of ``hit`` from its view."""
    text = hit.view.text
    return Scene(
        hit=hit,
        theme=THEMES[hit.entry.theme],
        kind=kind,
        facts=facts,
        cues=cues,
        company=company,
        before=text[max(0, hit.start - _NEAR) : hit.start],
        after=text[hit.end : hit.end + _NEAR],
        around=text[max(0, hit.start - _WIDE) : hit.end + _WIDE],
    )
