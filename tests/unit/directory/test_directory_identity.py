import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.errors import InvalidError
from services.directory.domain import ids
from services.directory.domain.identity import identity_mark, normalise_login, person_mark

SECRET = b"s" * 32
SCHOOL = "11111111-1111-4111-8111-111111111111"


@pytest.mark.parametrize(
    "spelling", ["dev.patel", " Dev.Patel ", "GREEN\\Dev.Patel", "\uff44ev.patel"]
)
def test_spellings_of_one_login_have_one_mark(spelling: str) -> None:
    assert identity_mark(SECRET, spelling) == identity_mark(SECRET, "dev.patel")


@pytest.mark.parametrize("login", ["", "  ", "GREEN\\", "a\nb", "x" * 255])
def test_what_is_no_login(login: str) -> None:
    with pytest.raises(InvalidError):
        normalise_login(login)


@given(st.text(min_size=1, max_size=60))
def test_normalising_twice_is_normalising_once(text: str) -> None:
    try:
        once = normalise_login(text)
    except InvalidError:
        return
    assert normalise_login(once) == once


def test_marks_differ_by_school_and_by_what_they_mark() -> None:
    marks = {
        identity_mark(SECRET, "a"),
        identity_mark(b"t" * 32, "a"),
        person_mark(SECRET, "a"),
    }
    assert len(marks) == 3
    assert {len(mark) for mark in marks} == {32}


def test_ids_of_different_things_differ_although_they_are_called_the_same() -> None:
    made = {
        ids.person_id(SCHOOL, "a"),
        ids.provisional_id(SCHOOL, "a"),
        ids.user_id(SCHOOL, "a"),
        ids.device_id(SCHOOL, "a"),
        ids.school_id("a"),
    }
    assert len(made) == 5
    assert ids.person_id(SCHOOL, "a") in made
