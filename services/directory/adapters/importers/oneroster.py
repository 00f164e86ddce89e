"""Reads a roster as OneRoster 1.1 CSV (1EdTech, "OneRoster 1.1 CSV tables", bulk files in a zip).

Users become people, the titles of their classes become their groups.
"""

from collections.abc import Iterator
from pathlib import Path

from services.directory.adapters.importers.oneroster_rules import (
    CLASS_TYPES,
    LEFT_OUT,
    Roster,
    RosterLine,
    person_of,
    wrong_base,
    wrong_enrolment,
    wrong_user,
)
from services.directory.adapters.importers.tables import (
    Line,
    RowError,
    TableZip,
    UnreadableRosterError,
    open_tables,
)
from services.directory.domain.identity import normalise_login

VERSION = "1.1"
MAX_PEOPLE = 100_000
"""Of one school: twenty times the largest in England, so that memory has an end."""

_BASE = ("sourcedId", "status")


def read_oneroster(path: Path) -> Iterator[RosterLine | RowError]:
    """First what is wrong row by row, then each person whose row is sound.

    Raises UnreadableRosterError, whose message says what to do, if the file as a whole is no use.
    """
    with open_tables(path) as tables:
        _check_manifest(tables)
        roster = Roster()
        yield from _read_orgs(tables, roster)
        if tables.has("courses.csv"):
            yield from _read_courses(tables, roster)
        if tables.has("classes.csv"):
            yield from _read_classes(tables, roster)
        yield from _read_users(tables, roster)
        if tables.has("enrollments.csv"):
            yield from _read_enrolments(tables, roster)
    yield from roster.people.values()


def _check_manifest(tables: TableZip) -> None:
    properties = {
        line["propertyName"]: line["value"]
        for line in tables.table("manifest.csv", ("propertyName", "value"))
        if isinstance(line, Line)
    }
    version = properties.get("oneroster.version", "")
    if version != VERSION:
        raise UnreadableRosterError(f"manifest.csv must say oneroster.version {VERSION}")
    for name in ("orgs", "users", "classes", "enrollments"):
        if properties.get(f"file.{name}") == "delta":
            raise UnreadableRosterError(f"file.{name} is a delta; export all rows (bulk) instead")


def _read_orgs(tables: TableZip, roster: Roster) -> Iterator[RowError]:
    schools = 0
    for line in tables.table("orgs.csv", (*_BASE, "name", "type")):
        if isinstance(line, RowError):
            yield line
        elif error := wrong_base(line, roster.orgs):
            yield error
        else:
            roster.orgs.add(line["sourcedId"])
            schools += line["type"] == "school" and line["status"] != "tobedeleted"
    if schools > 1:
        raise UnreadableRosterError(
            f"orgs.csv holds {schools} schools; export and import one school at a time"
        )


def _read_courses(tables: TableZip, roster: Roster) -> Iterator[RowError]:
    roster.courses = set()
    for line in tables.table("courses.csv", _BASE):
        if isinstance(line, RowError):
            yield line
        else:
            roster.courses.add(line["sourcedId"])


def _read_classes(tables: TableZip, roster: Roster) -> Iterator[RowError]:
    columns = (*_BASE, "title", "courseSourcedId", "classType")
    for line in tables.table("classes.csv", columns):
        if isinstance(line, RowError):
            yield line
        elif error := wrong_base(line, roster.classes):
            yield error
        elif not line["title"]:
            yield line.error("title", "is empty")
        elif line["classType"] not in CLASS_TYPES:
            yield line.error("classType", "must be homeroom or scheduled")
        elif roster.courses is not None and line["courseSourcedId"] not in roster.courses:
            yield line.error("courseSourcedId", "is not in courses.csv")
        else:
            roster.classes[line["sourcedId"]] = line["title"]


def _read_users(tables: TableZip, roster: Roster) -> Iterator[RowError]:
    columns = (*_BASE, "enabledUser", "orgSourcedIds", "role", "username", "givenName")
    for line in tables.table("users.csv", (*columns, "familyName", "email", "grades")):
        if isinstance(line, RowError):
            yield line
        elif line["role"] in LEFT_OUT:
            roster.left_out.add(line["sourcedId"])
        elif error := wrong_user(line, roster):
            yield error
        else:
            person = person_of(line)
            roster.logins.update(map(normalise_login, person.row.logins))
            roster.people[line["sourcedId"]] = person
        if len(roster.people) > MAX_PEOPLE:
            raise UnreadableRosterError(f"users.csv holds more than {MAX_PEOPLE} people")


def _read_enrolments(tables: TableZip, roster: Roster) -> Iterator[RowError]:
    columns = (*_BASE, "classSourcedId", "userSourcedId", "role", "beginDate", "endDate")
    for line in tables.table("enrollments.csv", columns):
        if isinstance(line, RowError):
            yield line
            continue
        if error := wrong_enrolment(line, roster):
            yield error
            continue
        person = roster.people.get(line["userSourcedId"])
        group = roster.classes[line["classSourcedId"]]
        if (
            person is not None
            and line["status"] != "tobedeleted"
            and group not in person.row.groups
        ):
            person.row.groups.append(group)
