from dataclasses import replace

import pytest

from services.directory.domain.roster import Problem, Row, problem_of, sift

ROW = Row(
    sourced_id="u-1",
    role="pupil",
    given_name="Dev",
    family_name="Patel",
    logins=("dev.patel",),
    year_group=9,
    groups=("Form 9A", "9En1", "Form 9A"),
    active=True,
)


def other(n: int) -> Row:
    return replace(ROW, sourced_id=f"u-{n}", logins=(f"login.{n}",))


def test_a_sound_row_has_no_problem() -> None:
    assert problem_of(0, ROW) is None
    assert ROW.name == "Dev Patel"
    assert ROW.facts.groups == ("9En1", "Form 9A")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("sourced_id", ""),
        ("sourced_id", "x" * 256),
        ("role", "wizard"),
        ("given_name", " "),
        ("family_name", "x" * 101),
        ("logins", ()),
        ("logins", ("",)),
        ("logins", tuple(map(str, range(11)))),
        ("year_group", 14),
        ("year_group", -1),
        ("groups", ("",)),
        ("groups", tuple(map(str, range(101)))),
    ],
)
def test_a_problem_names_its_field_and_quotes_nothing(field: str, value: object) -> None:
    problem = problem_of(3, replace(ROW, **{field: value}))
    assert problem is not None
    assert (problem.index, problem.field) == (3, field)
    assert "wizard" not in problem.reason


def test_what_two_rows_claim_is_neither_s() -> None:
    same_person = replace(ROW, logins=("another",))
    same_login = replace(ROW, sourced_id="u-9", logins=("Login.2",))
    sound, problems = sift([ROW, same_person, other(2), same_login, other(3)])
    assert list(sound) == [4]
    assert problems == [
        Problem(0, "sourced_id", "stands in another row too"),
        Problem(1, "sourced_id", "stands in another row too"),
        Problem(2, "logins", "another row has the same login"),
        Problem(3, "logins", "another row has the same login"),
    ]


def test_a_row_that_names_a_login_twice_is_sound() -> None:
    sound, problems = sift([replace(ROW, logins=("dev.patel", "DEV.PATEL"))])
    assert list(sound) == [0]
    assert problems == []
