"""The themes a finding can have, the family each belongs to, and its default place in the four Cs.

Keys are stable identifiers: they go into clear fields, statistics and schools' settings.
"""

from collections.abc import Mapping
from types import MappingProxyType

import msgspec

FAMILIES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "harm_to_self": ("self_harm", "suicide", "eating_disorder", "mental_distress"),
        "bullying_and_hate": ("bullying", "discrimination", "hate_speech", "misogyny_vawg"),
        "exploitation": (
            "exploitation.cse_grooming",
            "exploitation.cce_county_lines",
            "nudes_sexting",
            "illegal.csam",
            "illegal.intimate_image_abuse",
            "oversharing",
        ),
        "extremism": ("extremism", "illegal.terrorist_content"),
        "violence": ("violence", "weapons"),
        "sexual": ("pornography", "sexual_harassment"),
        "abuse_at_home": ("abuse_disclosure", "illegal.coercive_control"),
        "substances": ("drugs_substances",),
        "commerce": ("gambling_commerce",),
        "circumvention": ("circumvention", "cyber_misuse", "ai_misuse"),
        "conduct": ("profanity_offensive",),
        "information": ("misinformation", "help_seeking"),
    }
)
"""Findings of one person join one incident within a family."""

_CONTENT = {"illegal.csam", "illegal.terrorist_content", "extremism", "hate_speech"} | {
    "misogyny_vawg",
    "drugs_substances",
    "pornography",
    "eating_disorder",
    "misinformation",
}
_CONTACT = {"exploitation.cse_grooming", "exploitation.cce_county_lines"} | {
    "illegal.coercive_control",
    "abuse_disclosure",
}
_COMMERCE = {"gambling_commerce"}

_ROUNDS_UP = {
    "suicide",
    "self_harm",
    "exploitation.cse_grooming",
    "extremism",
    "illegal.terrorist_content",
}
"""Themes whose doubt rounds up: missing one costs a child more than a needless look costs."""


class Theme(msgspec.Struct, frozen=True):
    """One theme. ``four_c`` is content, contact, conduct or commerce (KCSIE)."""

    key: str
    family: str
    four_c: str
    rounds_up: bool

    @property
    def words(self) -> str:
        """The key as words for people: ``exploitation.cse_grooming`` → ``cse grooming``."""
        return self.key.rpartition(".")[2].replace("_", " ")


def _four_c(key: str) -> str:
    for name, keys in (("content", _CONTENT), ("contact", _CONTACT), ("commerce", _COMMERCE)):
        if key in keys:
            return name
    return "conduct"


THEMES: Mapping[str, Theme] = MappingProxyType(
    {
        key: Theme(key=key, family=family, four_c=_four_c(key), rounds_up=key in _ROUNDS_UP)
        for family, keys in FAMILIES.items()
        for key in keys
    }
)
