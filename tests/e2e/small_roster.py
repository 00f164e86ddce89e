"""A roster as small as a test needs: OneRoster 1.1 with organisations and users alone."""

import csv
import io
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

_USER = (
    *("sourcedId", "status", "enabledUser", "orgSourcedIds", "role", "username"),
    *("givenName", "familyName", "email", "grades"),
)


@dataclass(frozen=True)
class Person:
    """A pupil, or a teacher where there is no year."""

    given: str
    family: str
    login: str
    year: int | None = 9

    @property
    def name(self) -> str:
        return f"{self.given} {self.family}"


ROBIN = Person("Robin", "Ashgrove", "24.robin.ashgrove")
PUPILS = (
    ROBIN,
    Person("Sam", "Birchwood", "24.sam.birchwood"),
    Person("Kit", "Cedarholm", "23.kit.cedarholm", 10),
    Person("Ellis", "Dunmoor", "25.ellis.dunmoor", 8),
    Person("Noor", "Elmfield", "22.noor.elmfield", 11),
)
TEACHER = Person("Alex", "Fernside", "a.fernside", None)


def write_roster(path: Path, people: Iterable[Person] = (*PUPILS, TEACHER)) -> Path:
    users = [
        {
            "sourcedId": f"usr-{person.login}".replace(".", "-"),
            "enabledUser": "true",
            "orgSourcedIds": "org-1",
            "role": "student" if person.year else "teacher",
            "username": person.login,
            "givenName": person.given,
            "familyName": person.family,
            "grades": f"{person.year:02}" if person.year else "",
        }
        for person in people
    ]
    manifest = [
        {"propertyName": name, "value": value}
        for name, value in (
            ("manifest.version", "1.0"),
            ("oneroster.version", "1.1"),
            ("file.orgs", "bulk"),
            ("file.users", "bulk"),
        )
    ]
    school = [{"sourcedId": "org-1", "status": "", "name": "School", "type": "school"}]
    with zipfile.ZipFile(path, "w") as tables:
        tables.writestr("manifest.csv", _csv(("propertyName", "value"), manifest))
        tables.writestr("orgs.csv", _csv(("sourcedId", "status", "name", "type"), school))
        tables.writestr("users.csv", _csv(_USER, users))
    return path


def _csv(header: tuple[str, ...], rows: Iterable[dict[str, str]]) -> str:
    text = io.StringIO()
    table = csv.DictWriter(text, header, restval="")
    table.writeheader()
    table.writerows(rows)
    return text.getvalue()
