"""A line of a roster, and what can be wrong with it."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from chassis.errors import InvalidError
from services.directory.domain.identity import normalise_login
from services.directory.domain.person import PUPIL, STAFF, Facts

MAX_ROWS = 500
MAX_SOURCED_ID = 255
"""OneRoster 1.1, GUID."""
MAX_NAME = 100
MAX_LOGINS = 10
MAX_GROUPS = 100
MAX_GROUP = 100
MAX_YEAR = 13
"""Year 13 ends an English sixth form; 0 is Reception."""


@dataclass(frozen=True)
class Row:
    """A person as a roster tells of them. Logins are as written there."""

    sourced_id: str
    role: str
    given_name: str
    family_name: str
    logins: tuple[str, ...]
    year_group: int | None
    groups: tuple[str, ...]
    active: bool

    @property
    def name(self) -> str:
        """How a school reads the name."""
        return f"{self.given_name.strip()} {self.family_name.strip()}"

    @property
    def facts(self) -> Facts:
        """All but name and logins; groups in one order, each once."""
        return Facts(self.role, self.year_group, tuple(sorted(set(self.groups))), self.active)


@dataclass(frozen=True)
class Problem:
    """Why the row ``index`` was left out. The reason never quotes the row."""

    index: int
    field: str
    reason: str


def problem_of(index: int, row: Row) -> Problem | None:
    """The first thing wrong with a row by itself."""
    for field, wrong, reason in (
        (
            "sourced_id",
            not 1 <= len(row.sourced_id) <= MAX_SOURCED_ID or not row.sourced_id.isprintable(),
            f"must have 1 to {MAX_SOURCED_ID} printable characters",
        ),
        ("role", row.role not in (PUPIL, STAFF), "must be pupil or staff"),
        ("given_name", not _is_name(row.given_name), f"must have 1 to {MAX_NAME} characters"),
        ("family_name", not _is_name(row.family_name), f"must have 1 to {MAX_NAME} characters"),
        ("logins", not 1 <= len(row.logins) <= MAX_LOGINS, f"must be 1 to {MAX_LOGINS}"),
        ("logins", not all(map(_is_login, row.logins)), "must be printable and not empty"),
        (
            "year_group",
            row.year_group is not None and not 0 <= row.year_group <= MAX_YEAR,
            f"must be between 0 and {MAX_YEAR}",
        ),
        ("groups", len(row.groups) > MAX_GROUPS, f"must be at most {MAX_GROUPS}"),
        (
            "groups",
            not all(g.strip() and len(g) <= MAX_GROUP for g in row.groups),
            f"must have 1 to {MAX_GROUP} characters each",
        ),
    ):
        if wrong:
            return Problem(index, field, reason)
    return None


def sift(rows: Sequence[Row]) -> tuple[dict[int, Row], list[Problem]]:
    """The rows that can be imported, by index, and what is wrong with the others.

    A login that two rows claim is wrong in both: nobody can say whose it is.
    """
    found = {index: problem_of(index, row) for index, row in enumerate(rows)}
    sound = {index: row for index, row in enumerate(rows) if found[index] is None}
    people = Counter(row.sourced_id for row in sound.values())
    logins = Counter(
        login for row in sound.values() for login in {normalise_login(one) for one in row.logins}
    )
    for index, row in sound.items():
        if people[row.sourced_id] > 1:
            found[index] = Problem(index, "sourced_id", "stands in another row too")
        elif any(logins[normalise_login(login)] > 1 for login in row.logins):
            found[index] = Problem(index, "logins", "another row has the same login")
    problems = [problem for problem in found.values() if problem is not None]
    return {index: row for index, row in sound.items() if found[index] is None}, problems


def _is_name(name: str) -> bool:
    return bool(name.strip()) and len(name) <= MAX_NAME and name.isprintable()


def _is_login(login: str) -> bool:
    try:
        normalise_login(login)
    except InvalidError:
        return False
    return True
