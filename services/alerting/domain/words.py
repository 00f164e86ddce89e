"""Plain words for what contracts say in keys. Schools read these in e-mails."""

from collections.abc import Mapping
from types import MappingProxyType

SEVERITIES: Mapping[int, str] = MappingProxyType(
    {1: "low", 2: "medium", 3: "high", 4: "severe", 5: "urgent"}
)
"""The same words as in a finding's explanation."""

ROLES: Mapping[str, str] = MappingProxyType(
    {
        "dsl": "designated safeguarding lead",
        "deputy_dsl": "deputy designated safeguarding lead",
        "head": "headteacher",
    }
)

_THEMES: Mapping[str, str] = MappingProxyType(
    {
        "self_harm": "self-harm",
        "eating_disorder": "eating disorder",
        "mental_distress": "distress",
        "hate_speech": "hate speech",
        "misogyny_vawg": "misogyny or violence against women and girls",
        "exploitation.cse_grooming": "grooming",
        "exploitation.cce_county_lines": "criminal exploitation",
        "nudes_sexting": "nudes or sexting",
        "illegal.csam": "child sexual abuse material",
        "illegal.intimate_image_abuse": "intimate image abuse",
        "illegal.terrorist_content": "terrorist content",
        "illegal.coercive_control": "controlling or coercive behaviour",
        "sexual_harassment": "sexual harassment",
        "abuse_disclosure": "possible abuse or neglect",
        "drugs_substances": "drugs or substances",
        "gambling_commerce": "gambling or money",
        "cyber_misuse": "misuse of computers",
        "ai_misuse": "misuse of AI",
        "profanity_offensive": "offensive language",
        "help_seeking": "asking for help",
    }
)


def theme_in_words(key: str) -> str:
    """A theme's key in plain words; a key that is new here is shown with spaces."""
    return _THEMES.get(key) or key.rpartition(".")[2].replace("_", " ")
