"""The British English pack: every entry works, every theme finds and passes its own sentences."""

import re
import tomllib
from collections.abc import Callable

import pytest

from services.policy.evaluation.domain.evaluation import Evaluation
from services.policy.evaluation.domain.finding import Finding
from services.policy.evaluation.domain.themes import THEMES
from services.policy.evaluation.packs.loader import DEFAULT_PACK

SENTENCES = tomllib.loads((DEFAULT_PACK / "tests.toml").read_text())
FINDS = [(theme, text) for theme, lists in SENTENCES.items() for text in lists["finds"]]
PASSES = [(theme, text) for theme, lists in SENTENCES.items() for text in lists["passes"]]
IDENTITIES = ("religion", "ethnic", "lgbt", "disabled", "women")


def test_every_entry_compiles(evaluation: Evaluation) -> None:
    for entry in (*evaluation.pack.entries, *evaluation.pack.allowed):
        assert re.compile(entry.expression)


def test_every_theme_of_the_pack_has_sentences(evaluation: Evaluation) -> None:
    themes = {entry.theme for entry in evaluation.pack.entries}
    assert themes == set(SENTENCES)
    assert all(len(lists["finds"]) >= 5 <= len(lists["passes"]) for lists in SENTENCES.values())


@pytest.mark.parametrize(("theme", "text"), FINDS)
def test_a_theme_finds(found: Callable[..., tuple[Finding, ...]], theme: str, text: str) -> None:
    assert theme in [finding.theme for finding in found(text)]


@pytest.mark.parametrize(("theme", "text"), PASSES)
def test_a_theme_passes_over(severity: Callable[..., int], theme: str, text: str) -> None:
    assert theme in THEMES
    assert severity(text) <= 1


def test_words_for_people_alone_never_fire(severity: Callable[..., int]) -> None:
    slots = tomllib.loads((DEFAULT_PACK / "slots.toml").read_text())
    words = [word.partition("/")[0] for name in IDENTITIES for word in slots[name]]
    for word in words:
        plain = word.replace("(", "").replace(")", "").replace("|", " ")
        for text in (plain, f"i am proud of {plain}", f"{plain} are welcome in our school"):
            assert severity(text) == 0, text


def test_text_that_repeats_itself_is_evaluated_in_bounded_time(
    severity: Callable[..., int],
) -> None:
    assert severity("i want to want to " * 1_800) <= 5
    assert severity("k i l l " * 4_000) <= 5


def test_words_are_found_anywhere_in_a_long_text(found: Callable[..., tuple[Finding, ...]]) -> None:
    for before in range(380, 1_400, 97):
        raw = "the weather was fine " * (before // 21) + "a" * (before % 21)
        (finding,) = found(f"{raw} bring my knife to school tomorrow {raw}")
        assert finding.theme == "weapons"
        assert finding.explanation.matched.startswith("bring my knife to school")
        assert finding.spans[0].start == len(raw) + 1
