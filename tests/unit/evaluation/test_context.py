"""What stands round the words changes what they weigh."""

from collections.abc import Callable

import pytest

from contracts.activity import Kind
from services.policy.evaluation.domain.finding import Finding
from services.policy.evaluation.domain.policy import RosterFacts

Severity = Callable[..., int]


@pytest.mark.parametrize(
    ("plain", "softened"),
    [
        ("i'm going to stab him", "i'm not going to stab him, i will shoot a film"),
        ("immigrants are vermin", "saying immigrants are vermin is racist"),
        ("how to make a pipe bomb", "how to make a pipe bomb in minecraft"),
        ("women are property", "essay on why women are property in the handmaids tale"),
        ("i will kill you", "i will kill you haha"),
        ("i will stab you", 'the villain says "i will stab you" and leaves'),
    ],
)
def test_context_lowers(severity: Severity, plain: str, softened: str) -> None:
    assert severity(softened) < severity(plain)


@pytest.mark.parametrize(
    ("plain", "raised"),
    [
        ("im going to stab him", "im going to stab him tomorrow"),
        (
            "my stepdad hits me when he drinks",
            "my stepdad hits me when he drinks tonight im scared",
        ),
        ("suicide", "suicide is on my mind, i can't do this anymore"),
        ("i feel worthless all the time", "i feel worthless all the time please help me"),
    ],
)
def test_context_raises(severity: Severity, plain: str, raised: str) -> None:
    assert severity(raised) > severity(plain)


@pytest.mark.parametrize(
    "text",
    [
        "i want to kill myself lol",
        "homework: i want to kill myself",
        "i don't want to kill myself anymore",
        "our history essay makes me want to end my life",
        "keep it our little secret, dont tell your mum, for our drama homework",
    ],
)
def test_where_doubt_rounds_up_context_never_lowers_below_three(
    severity: Severity, text: str
) -> None:
    assert severity(text) >= 3


def test_asking_for_help_never_lowers(severity: Severity) -> None:
    assert severity("i keep cutting myself, help me please") >= severity("i keep cutting myself")


def test_a_groomers_question_alone_is_ordinary(severity: Severity) -> None:
    assert severity("how old are you") == 0
    assert severity("how old are you? where do you live? send me a pic") >= 3


def test_a_page_title_weighs_less_than_words_typed(severity: Severity) -> None:
    typed = severity("how to make a pipe bomb")
    assert severity("", kind=Kind.PAGE_VISIT, title="how to make a pipe bomb") == typed - 1


def test_primary_pupils_weigh_more(severity: Severity) -> None:
    text = "selling vapes at school"
    older, younger = RosterFacts("pupil", 11), RosterFacts("pupil", 6)
    assert severity(text, facts=younger) == severity(text, facts=older) + 1


def test_a_received_message_makes_the_pupil_a_possible_victim(
    found: Callable[..., tuple[Finding, ...]],
) -> None:
    (finding, *_) = found("nobody likes you", kind=Kind.MESSAGE_RECEIVED)
    assert finding.facets.role == "possible victim"


def test_worry_about_a_friend_is_a_bystanders(found: Callable[..., tuple[Finding, ...]]) -> None:
    (finding, *_) = found("my friend said she is going to kill herself")
    assert (finding.severity, finding.facets.role) == (5, "bystander")
