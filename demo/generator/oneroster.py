"""The school as OneRoster 1.1 CSV tables (1EdTech OneRoster 1.1 CSV binding, bulk files)."""

from collections.abc import Iterator
from random import Random

from demo.generator.files import csv_text, rng
from demo.generator.people import SUBJECTS, Person, everybody, pupils, staff

SCHOOL = "org-greenfield"
TRUST = "org-trust"
YEAR_SESSION = "ses-2026"
TERM_SESSION = "ses-2026-autumn"
CORE = ("English", "Maths", "Science")
SIXTH_FORM = 12
CLASS_SIZE = 27

HEADERS: dict[str, tuple[str, ...]] = {
    name: tuple(columns.split())
    for name, columns in {
        "orgs": "sourcedId status dateLastModified name type identifier parentSourcedId",
        "academicSessions": "sourcedId status dateLastModified title type startDate endDate "
        "parentSourcedId schoolYear",
        "courses": "sourcedId status dateLastModified schoolYearSourcedId title courseCode grades "
        "orgSourcedId subjects subjectCodes",
        "classes": "sourcedId status dateLastModified title grades courseSourcedId classCode "
        "classType location schoolSourcedId termSourcedIds subjects subjectCodes periods",
        "users": "sourcedId status dateLastModified enabledUser orgSourcedIds role username "
        "userIds givenName familyName middleName identifier email sms phone agentSourcedIds "
        "grades password",
        "enrollments": "sourcedId status dateLastModified classSourcedId schoolSourcedId "
        "userSourcedId role primary beginDate endDate",
    }.items()
}
ABSENT = [
    "categories",
    "classResources",
    "courseResources",
    "demographics",
    "lineItems",
    "resources",
    "results",
]


def manifest() -> str:
    """Return ``manifest.csv``: the versions, and which files are supplied in bulk or absent."""
    rows = [
        ("manifest.version", "1.0"),
        ("oneroster.version", "1.1"),
        *((f"file.{name}", "bulk") for name in HEADERS),
        *((f"file.{name}", "absent") for name in ABSENT),
        ("source.systemName", "Greenfield MIS"),
        ("source.systemCode", "greenfield-demo"),
    ]
    return csv_text(("propertyName", "value"), sorted(rows))


def fixed_rows() -> dict[str, list[tuple[str, ...]]]:
    """Return the rows of the school itself: organisations, the year and its autumn term."""
    return {
        "orgs": [
            (TRUST, "", "", "Greenfield Learning Trust", "district", "", ""),
            (SCHOOL, "", "", "Greenfield Academy", "school", "999001", TRUST),
        ],
        "academicSessions": [
            (YEAR_SESSION, "", "", "2026/27", "schoolYear", "2026-09-01", "2027-07-21", "", "2027"),
            (
                *(TERM_SESSION, "", "", "Autumn 2026", "term"),
                *("2026-09-01", "2026-12-18", YEAR_SESSION, "2027"),
            ),
        ],
    }


def user_row(person: Person) -> tuple[str, ...]:
    """Return a person's row of ``users.csv``."""
    return (
        *(f"usr-{person.login}".replace(".", "-"), "", "", "true", SCHOOL, person.role),
        *(person.login, "", person.given, person.family, "", "", person.email, "", "", ""),
        *(f"{person.year:02}" if person.year else "", ""),
    )


class _Timetable:
    """Makes classes and puts people into them."""

    def __init__(self, source: Random) -> None:
        self._rng = source
        self.courses: list[tuple[str, ...]] = []
        self.classes: list[tuple[str, ...]] = []
        self.enrolments: list[tuple[str, ...]] = []
        self._teachers = [p for p in staff() if p.role == "teacher"]

    def course(self, key: str, title: str, year: int, subject: str = "") -> str:
        sourced = f"crs-{key}"
        self.courses.append(
            (sourced, "", "", YEAR_SESSION, title, key, f"{year:02}", SCHOOL, subject, "")
        )
        return sourced

    def open_class(
        self, key: str, title: str, year: int, course: str, kind: str, subject: str = ""
    ) -> str:
        sourced = f"cls-{key}"
        room = f"{self._rng.choice('ABCDE')}{self._rng.randint(1, 24)}"
        self.classes.append(
            (
                *(sourced, "", "", title, f"{year:02}", course, key, kind, room, SCHOOL),
                *(TERM_SESSION, subject, "", ""),
            )
        )
        candidates = [t for t in self._teachers if subject and t.subject == subject]
        self._enrol(sourced, self._rng.choice(candidates or self._teachers), "teacher", "true")
        return sourced

    def fill(self, sourced: str, members: list[Person]) -> None:
        for member in members:
            self._enrol(sourced, member, "student", "false")

    def _enrol(self, sourced: str, person: Person, role: str, primary: str) -> None:
        self.enrolments.append(
            (
                *(f"enr-{len(self.enrolments) + 1:05}", "", "", sourced, SCHOOL),
                *(user_row(person)[0], role, primary, "2026-09-01", ""),
            )
        )


def _sets(source: Random, members: list[Person], subject: str, year: int) -> Iterator[list[Person]]:
    """Divide those of a year who take a subject into sets of about one class size."""
    share = 1.0 if subject in CORE and year < SIXTH_FORM else 0.25
    taking = [p for p in members if share == 1.0 or source.random() < share]
    sets = max(1, round(len(taking) / CLASS_SIZE))
    for number in range(sets):
        yield taking[number::sets]


def tables() -> dict[str, str]:
    """Return every member of the roster zip: its name and its CSV text."""
    source = rng("roster")
    timetable = _Timetable(source)
    for year in range(7, 14):
        members = [p for p in pupils() if p.year == year]
        course = timetable.course(f"y{year:02}", f"Year {year}", year)
        group = timetable.open_class(f"y{year:02}", f"Year {year}", year, course, "homeroom")
        timetable.fill(group, members)
        for form in sorted({p.form for p in members}):
            tutor = timetable.open_class(
                f"t{form.lower()}", f"Form {form}", year, course, "homeroom"
            )
            timetable.fill(tutor, [p for p in members if p.form == form])
        for subject in SUBJECTS:
            key = f"{year}-{subject.lower()}"
            course = timetable.course(key, f"Year {year} {subject}", year, subject)
            for number, taking in enumerate(_sets(source, members, subject, year), start=1):
                title = f"{year}{subject[:2]}{number}"
                sourced = timetable.open_class(
                    f"{key}-{number}", title, year, course, "scheduled", subject
                )
                timetable.fill(sourced, taking)
    rows: dict[str, list[tuple[str, ...]]] = fixed_rows() | {
        "courses": timetable.courses,
        "classes": timetable.classes,
        "users": [user_row(p) for p in everybody()],
        "enrollments": timetable.enrolments,
    }
    return {"manifest.csv": manifest()} | {
        f"{name}.csv": csv_text(header, rows[name]) for name, header in HEADERS.items()
    }
