"""Views of a text: disguises undone, and every character's way back to the raw text."""

# ruff: noqa: RUF001 - look-alike letters are what is tested

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.policy.evaluation.domain.normalise import LEET, SPACED, Normaliser
from services.policy.evaluation.packs.loader import load_pack

NORMALISER = Normaliser(load_pack().confusables)
MESSY = st.text(alphabet=st.sampled_from("kil1 .-_*aeéоＫ𝐤\u200bß😀\u0301İ345!ZZ%2"), max_size=40)


def texts(raw: str, field: str = "text") -> list[str]:
    return [view.text for view in NORMALISER.views(field, raw)]


@pytest.mark.parametrize(
    ("raw", "plain"),
    [
        ("Hello World", "hello world"),
        ("ｋｉｌｌ", "kill"),
        ("𝐤𝐢𝐥𝐥", "kill"),
        ("kíll", "kill"),
        ("k\u200bi\u200bll", "kill"),
        ("кill mуsеlf", "kill myself"),
        ("don’t", "don't"),
        ("snake_case", "snake case"),
        ("straße", "strasse"),
    ],
)
def test_the_plain_view_reads_look_alikes(raw: str, plain: str) -> None:
    assert texts(raw)[0] == plain


@pytest.mark.parametrize(
    ("raw", "read"),
    [
        ("k i l l  m y s e l f", "kill  myself"),
        ("k.i.l.l m.y.s.e.l.f", "kill myself"),
        ("k1ll my53lf", "kill myself"),
        ("killlll myself", "kill myself"),
        ("dieeee now", "die now"),
        ("p155 0ff", "piss off"),
    ],
)
def test_disguises_are_undone_beside_the_plain_view(raw: str, read: str) -> None:
    assert texts(raw)[0] == raw
    assert read in texts(raw)[1:]


@pytest.mark.parametrize(
    "raw", ["year 9 at 3pm", "the 1st of 4", "hello!!", "i am a b", "mp3 gcse"]
)
def test_ordinary_numbers_and_signs_are_left_alone(raw: str) -> None:
    assert texts(raw) == [raw]


def test_letters_are_joined_only_when_one_separator_repeats() -> None:
    assert "home a" in texts("h.o.m.e a")[1]


def test_a_view_says_what_it_undid() -> None:
    assert LEET in NORMALISER.views("text", "k1ll")[1].disguises
    assert SPACED in NORMALISER.views("text", "k i l l")[1].disguises


def test_an_address_is_decoded() -> None:
    (view,) = NORMALISER.views("url", "https://x.test/?q=self%20Harm")
    assert view.text.endswith("q=self harm")
    start = view.text.index("harm")
    assert view.raw_span(start, start + 4) == (25, 29)


@settings(max_examples=60, deadline=None)
@given(MESSY)
def test_every_part_of_every_view_leads_back_into_the_raw_text(raw: str) -> None:
    for view in NORMALISER.views("text", raw):
        if view.starts is not None and view.ends is not None:
            assert len(view.starts) == len(view.ends) == len(view.text)
            assert list(view.starts) == sorted(view.starts)
        for start in range(len(view.text)):
            raw_start, raw_end = view.raw_span(start, start + 1)
            assert 0 <= raw_start < raw_end <= len(raw)


@settings(max_examples=40, deadline=None)
@given(st.text(max_size=60))
def test_any_text_has_views(raw: str) -> None:
    assert NORMALISER.views("text", raw)[0].field == "text"
