"""What a row of OneRoster 1.1 must be like (1EdTech, "OneRoster 1.1 CSV tables")."""

from collections.abc import Container
from dataclasses import dataclass, field
from datetime import date

from chassis.errors import InvalidError
from contracts.directory.v1.requests_pb2 import RosterRow
from services.directory.adapters.importers.tables import Line, RowError
from services.directory.domain.identity import normalise_login
from services.directory.domain.person import PUPIL, STAFF
from services.directory.domain.roster import MAX_YEAR

_ROLES = {
    "student": PUPIL,
    **dict.fromkeys(("teacher", "administrator", "aide", "proctor"), STAFF),
}
LEFT_OUT = frozenset({"parent", "guardian", "relative"})
"""Family: neither watched nor users of Vigil."""
_STATUSES = frozenset({"", "active", "tobedeleted"})
CLASS_TYPES = frozenset({"homeroom", "scheduled"})
_ENROLMENT_ROLES = frozenset({"administrator", "proctor", "student", "teacher"})


@dataclass(frozen=True)
class RosterLine:
    """A person, and the line of ``users.csv`` that tells of them."""

    line: int
    row: RosterRow


@dataclass
class Roster:
    """What was read so far."""

    orgs: set[str] = field(default_factory=set)
    courses: set[str] | None = None
    classes: dict[str, str] = field(default_factory=dict)
    people: dict[str, RosterLine] = field(default_factory=dict)
    left_out: set[str] = field(default_factory=set)
    logins: set[str] = field(default_factory=set)


def wrong_base(line: Line, known: Container[str]) -> RowError | None:
    """What is wrong with id and status."""
    if not line["sourcedId"]:
        return line.error("sourcedId", "is empty")
    if line["sourcedId"] in known:
        return line.error("sourcedId", "stands in an earlier row too")
    if line["status"] not in _STATUSES:
        return line.error("status", "must be active, tobedeleted or empty")
    return None


def wrong_user(line: Line, roster: Roster) -> RowError | None:
    """What is wrong with a row of ``users.csv``, also beside the rows before it."""
    if error := wrong_base(line, roster.people):
        return error
    orgs = [org.strip() for org in line["orgSourcedIds"].split(",")]
    for column, wrong, reason in (
        ("enabledUser", line["enabledUser"] not in ("true", "false"), "must be true or false"),
        ("orgSourcedIds", orgs == [""], "is empty"),
        ("orgSourcedIds", not roster.orgs.issuperset(orgs), "is not in orgs.csv"),
        ("role", line["role"] not in _ROLES, "is not a role of OneRoster 1.1"),
        ("givenName", not line["givenName"], "is empty"),
        ("familyName", not line["familyName"], "is empty"),
        ("username", not _is_login(line["username"]), "must be printable and not empty"),
        ("email", line["email"] and not _is_email(line["email"]), "is not an address"),
        ("grades", _wrong_grade(line["grades"]), f"must be one year from 00 to {MAX_YEAR}"),
    ):
        if wrong:
            return line.error(column, reason)
    for column in ("username", "email"):
        if line[column] and normalise_login(line[column]) in roster.logins:
            return line.error(column, "belongs to an earlier row")
    return None


def person_of(line: Line) -> RosterLine:
    """The person that a sound row of ``users.csv`` tells of."""
    # Browsers know people by their e-mail address, desktops by their user name.
    logins = [login for login in (line["username"], line["email"]) if login]
    row = RosterRow(
        sourced_id=line["sourcedId"],
        role=_ROLES[line["role"]],
        given_name=line["givenName"],
        family_name=line["familyName"],
        logins=logins,
        year_group=_year(line["grades"]),
        active=line["status"] != "tobedeleted" and line["enabledUser"] == "true",
    )
    return RosterLine(line.number, row)


def wrong_enrolment(line: Line, roster: Roster) -> RowError | None:
    """What is wrong with a row of ``enrollments.csv``."""
    user = line["userSourcedId"]
    for column, wrong, reason in (
        ("sourcedId", not line["sourcedId"], "is empty"),
        ("status", line["status"] not in _STATUSES, "must be active, tobedeleted or empty"),
        ("classSourcedId", line["classSourcedId"] not in roster.classes, "is not in classes.csv"),
        (
            "userSourcedId",
            user not in roster.people and user not in roster.left_out,
            "is not in users.csv, or its row is wrong",
        ),
        ("role", line["role"] not in _ENROLMENT_ROLES, "is not a role of OneRoster 1.1"),
        ("beginDate", not _is_date(line["beginDate"]), "must be a date such as 2026-09-01"),
        ("endDate", not _is_date(line["endDate"]), "must be a date such as 2026-09-01"),
    ):
        if wrong:
            return line.error(column, reason)
    return None


def _year(grades: str) -> int | None:
    return int(grades) if grades else None


def _wrong_grade(grades: str) -> bool:
    if not grades:
        return False
    return not (grades.isascii() and grades.isdigit() and int(grades) <= MAX_YEAR)


def _is_date(text: str) -> bool:
    try:
        return not text or bool(date.fromisoformat(text))
    except ValueError:
        return False


def _is_login(text: str) -> bool:
    try:
        return bool(normalise_login(text))
    except InvalidError:
        return False


def _is_email(text: str) -> bool:
    local, _, domain = text.rpartition("@")
    return bool(local and domain) and _is_login(text)
