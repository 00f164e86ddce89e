"""The language of packs."""

import re

import pytest

from services.policy.evaluation.domain.phrase import PhraseError, compile_phrase

SLOTS = {"me": compile_phrase("(myself|my self)", {})}


def matches(phrase: str, text: str) -> bool:
    return re.search(rf"\b(?:{compile_phrase(phrase, SLOTS).exact})\b", text) is not None


@pytest.mark.parametrize(
    ("phrase", "yes", "no"),
    [
        ("self harm", "self-harm", "selfish harm"),
        ("kill <me>", "kill my self", "kill him"),
        ("i [just] want", "i just want", "i must want"),
        ("(end it|give up) now", "give up now", "give it now"),
        ("kill/s/ed", "killed", "killer"),
        ("cut*", "cutting", "haircut"),
        ("don't go", "dont go", "do not go"),
        ("kill ... you", "kill every one of you", "kill a b c d e you"),
        ("for # days", "for 3 days", "for three days"),
        ("the end", "the end", "the. end"),
    ],
)
def test_phrases_match_what_they_say(phrase: str, yes: str, no: str) -> None:
    assert matches(phrase, yes)
    assert not matches(phrase, no)


@pytest.mark.parametrize(
    ("phrase", "hint"),
    [
        ("Kill", "capital"),
        ("(a|b", "missing"),
        ("a) b", "closes nothing"),
        ("<nobody> x", "slots.toml"),
        ("[a] [b]", "must be said"),
        ("... a", "begin or end"),
        ("#", "no word"),
        ("what?", "sign"),
        ("", "must be said"),
    ],
)
def test_a_broken_phrase_is_refused_with_a_remedy(phrase: str, hint: str) -> None:
    with pytest.raises(PhraseError, match=re.escape(hint)):
        compile_phrase(phrase, SLOTS)


@pytest.mark.parametrize("text", ["i want to die", "i wanna die", "want to die"])
def test_words_looked_for_first_are_in_every_text_that_matches(text: str) -> None:
    compiled = compile_phrase("[i] (want to|wanna) (die|end it)", {})
    assert re.search(compiled.exact, text)
    words = set(text.split())
    assert any(all(words & anchors for anchors in branch) for branch in compiled.branches)
