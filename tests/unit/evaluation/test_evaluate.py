"""An activity becomes findings: deterministic, explained, and quiet where it should be."""

# ruff: noqa: RUF001 - look-alike letters are what is tested

import uuid
from collections.abc import Callable

import msgspec
import pytest

from contracts.activity import Activity, Kind
from services.policy.evaluation.adapters.assembly import assemble
from services.policy.evaluation.domain.evaluate import evaluate
from services.policy.evaluation.domain.evaluation import Evaluation
from services.policy.evaluation.domain.finding import Finding, finding_id
from services.policy.evaluation.domain.policy import Policy, RosterFacts
from services.policy.evaluation.domain.themes import FAMILIES, THEMES

STAFF = RosterFacts("staff")


def under(policy: Policy, evaluation: Evaluation) -> Evaluation:
    return Evaluation(policy, evaluation.pack, evaluation.detectors)


def activity(text: str) -> Activity:
    return Activity(id="a", occurred_at_ms=0, kind=Kind.MESSAGE_SENT, login="p", text=text)


def test_the_same_input_gives_the_same_bytes(evaluation: Evaluation) -> None:
    given = activity("kys nobody likes you, you ugly pig, i want to d1e tonight")
    first = evaluate(given, RosterFacts("pupil", 9), evaluation)
    again = evaluate(given, RosterFacts("pupil", 9), assemble())
    assert msgspec.json.encode(first) == msgspec.json.encode(again)
    assert len(first) >= 2


def test_the_hash_covers_policy_and_pack(evaluation: Evaluation) -> None:
    assert len(evaluation.hash) == 64
    assert under(evaluation.policy, evaluation).hash == evaluation.hash
    assert under(Policy(version=2), evaluation).hash != evaluation.hash


def test_finding_ids_are_stable_uuids() -> None:
    first = finding_id("d", "a", "h", "r")
    assert first == finding_id("d", "a", "h", "r") == str(uuid.UUID(first))
    assert first != finding_id("da", "", "h", "r")


def test_staff_are_not_evaluated_unless_switched_on(evaluation: Evaluation) -> None:
    given = activity("i want to end my life tonight")
    assert evaluate(given, STAFF, evaluation) == ()
    assert evaluate(given, STAFF, under(Policy(version=1, staff_enabled=True), evaluation)) != ()


def test_an_unknown_role_is_evaluated_as_a_pupil(evaluation: Evaluation) -> None:
    given = activity("i want to end my life tonight")
    (unknown, *_) = evaluate(given, RosterFacts(), evaluation)
    (pupil, *_) = evaluate(given, RosterFacts("pupil"), evaluation)
    assert (unknown.theme, unknown.severity) == (pupil.theme, pupil.severity)


def test_severities_below_the_policys_minimum_are_not_reported(evaluation: Evaluation) -> None:
    strict = under(Policy(version=1, minimum_severity=2), evaluation)
    assert evaluate(activity("this is shit"), RosterFacts(), strict) == ()


def test_one_finding_a_theme_most_severe_first(found: Callable[..., tuple[Finding, ...]]) -> None:
    findings = found("fuck this shit i want to kill myself, i will end my life tonight")
    themes = [finding.theme for finding in findings]
    assert len(themes) == len(set(themes))
    severities = [finding.severity for finding in findings]
    assert severities == sorted(severities, reverse=True)


def test_a_finding_explains_itself(found: Callable[..., tuple[Finding, ...]]) -> None:
    raw = "Honestly I want to K1LL myself tonight"
    (finding, *_) = found(raw, facts=RosterFacts("pupil", 9))
    why = finding.explanation
    (span,) = finding.spans
    assert raw[span.start : span.end] == why.matched
    assert "K1LL myself" in why.matched
    assert why.disguises
    assert why.base_severity <= finding.severity == 5
    assert (why.role, why.year_group) == ("pupil", 9)
    assert why.sentence.startswith("Suicide, urgent (5 of 5)")
    assert "K1LL" not in why.sentence
    assert finding.facets.imminence == "soon"


def test_a_rule_id_holds_no_words_of_its_phrase(evaluation: Evaluation) -> None:
    for entry in evaluation.pack.entries:
        assert entry.rule_id.removeprefix(f"en_gb.{entry.theme}.").isdigit()


@pytest.mark.parametrize(
    "text",
    [
        "Scunthorpe United away on saturday",
        "Penistone and Clitheroe, then Cockermouth",
        "Stow cum Quy",
        "an essay about Essex, Sussex and Middlesex",
        "the therapist and the class assassin",
        "shuttlecocks and cockpits",
        "kill the background process",
        "romeo and juliet suicide essay",
        "this homework is killing me",
        "i shot some photos of the sunset",
        "dying of laughter",
    ],
)
def test_look_alikes_stay_quiet(severity: Callable[..., int], text: str) -> None:
    assert severity(text) <= 1


@pytest.mark.parametrize(
    "text",
    [
        "ｉ ｗａｎｔ ｔｏ ｋｉｌｌ ｍｙｓｅｌｆ",
        "i want to k1ll my53lf",
        "i want to k.i.l.l myself",
        "i  w a n t  t o  k i l l  m y s e l f",
        "i want to killll myselffff",
        "і wаnt tо kіll mуsеlf",
        "i wánt to kíll mýself",
        "i want to k\u200bi\u200bl\u200bl myself",
    ],
)
def test_disguises_are_seen_through(severity: Callable[..., int], text: str) -> None:
    assert severity(text) == 5


def test_families_and_themes_agree() -> None:
    assert sum(map(len, FAMILIES.values())) == len(THEMES) == 30
    assert all(THEMES[key].family == family for family, keys in FAMILIES.items() for key in keys)
