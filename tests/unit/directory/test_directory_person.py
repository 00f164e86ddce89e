from datetime import UTC, datetime
from uuid import UUID, uuid4

from services.directory.application.directory import Directory
from services.directory.domain.person import Facts, Person

SCHOOL = str(uuid4())
AT = datetime(2026, 9, 1, 8, 0, tzinfo=UTC)
PUPIL = Facts("pupil", 9, ("Form 9A",))


def given_pupil() -> Person:
    person = Person.record(
        uuid4(), school_id=SCHOOL, key_id="k-own", sealed_name=b"sealed", facts=PUPIL, at=AT
    )
    person.link("k-login", AT)
    person.collect_events()
    return person


def given_stand_in() -> Person:
    person = Person.stand_in(
        uuid4(), school_id=SCHOOL, key_id="k-login", sealed_name=b"login", at=AT
    )
    person.collect_events()
    return person


def happened(person: Person) -> list[str]:
    return [type(event).__name__ for event in person.collect_events()]


def test_the_same_facts_and_name_are_no_news() -> None:
    person = given_pupil()
    person.update(PUPIL, None, AT)
    person.link("k-login", AT)
    assert happened(person) == []


def test_other_facts_are_one_event_with_the_whole_record() -> None:
    person = given_pupil()
    person.update(Facts("pupil", 10, ("Form 10A",), active=False), None, AT)
    (event,) = person.collect_events()
    assert isinstance(event, Person.Changed)
    assert (event.role, event.year_group, event.groups) == ("pupil", 10, ("Form 10A",))
    assert (event.active, event.sealed_name, event.school_id) == (False, b"sealed", SCHOOL)


def test_another_name_is_an_event_although_the_facts_are_the_same() -> None:
    person = given_pupil()
    person.update(PUPIL, b"other", AT)
    assert happened(person) == ["Changed"]
    assert person.sealed_name == b"other"


def test_a_further_identity_is_linked_once() -> None:
    person = given_pupil()
    person.link("k-mail", AT)
    person.link("k-mail", AT)
    assert happened(person) == ["IdentityLinked"]
    assert person.identities == {"k-login", "k-mail"}


def test_a_stand_in_is_merged_once_and_for_all() -> None:
    person, somebody = given_stand_in(), UUID(int=7)
    person.merge(somebody, AT)
    person.merge(UUID(int=8), AT)
    assert happened(person) == ["Merged"]
    assert person.merged_into == str(somebody)
    assert not person.facts.active


def test_times_come_from_outside() -> None:
    person = given_pupil()
    person.merge(UUID(int=1), AT)
    assert {event.timestamp for event in person.collect_events()} == {AT}


def test_a_person_is_the_same_after_being_stored() -> None:
    application = Directory()
    person = Person.record(
        uuid4(), school_id=SCHOOL, key_id="k", sealed_name=b"\x00\xff", facts=PUPIL, at=AT
    )
    person.link("k-login", AT)
    person.update(Facts("pupil", 10, ("A", "B")), b"\x01", AT)
    application.save(person)
    found = application.load(Person, person.id)
    assert found.facts == Facts("pupil", 10, ("A", "B"))
    assert (found.sealed_name, found.identities) == (b"\x01", {"k-login"})
