"""The people of the school: a named cast first, then pupils and staff drawn from the lists."""

import unicodedata
from collections import Counter
from dataclasses import dataclass
from functools import cache
from random import Random
from typing import Any

from demo.generator.files import read_csv, read_toml, rng

PUPILS_PER_YEAR = {7: 165, 8: 160, 9: 160, 10: 155, 11: 150, 12: 110, 13: 100}
STAFF = 120
TEACHERS = 84
AIDES = 20
FORMS = "ABCDEF"
EMAIL_DOMAIN = "greenfield.example"
SUBJECTS = [
    "English",
    "Maths",
    "Science",
    "History",
    "Geography",
    "RE",
    "Computing",
    "French",
    "Spanish",
    "Art",
    "Music",
    "PE",
    "PSHE",
    "Business",
    "Drama",
    "Technology",
]
_PLAIN_LETTERS = str.maketrans({"ł": "l", "Ł": "L", "'": "", "-": "", "ø": "o"})


@dataclass(frozen=True)
class Person:
    """Somebody in the roster. ``year`` is 7 to 13 for pupils and 0 for staff."""

    login: str
    given: str
    family: str
    role: str
    year: int = 0
    form: str = ""
    subject: str = ""
    duty: str = ""
    device: str = ""

    @property
    def email(self) -> str:
        """The school address, which is the login at the school's domain."""
        return f"{self.login}@{EMAIL_DOMAIN}"


def plain(name: str) -> str:
    """Return a name in lower-case ASCII, as logins are made."""
    folded = unicodedata.normalize("NFKD", name.translate(_PLAIN_LETTERS))
    return folded.encode("ascii", "ignore").decode().lower()


def login_year(year: int) -> int:
    """Return the two digits with which the logins of a year group begin: when it joined Year 7."""
    return 33 - year


class _Namer:
    """Draws names, and logins that nobody has yet."""

    def __init__(self, source: Random) -> None:
        self._rng = source
        groups = read_toml("names.toml")["group"]
        self._groups: list[dict[str, Any]] = groups
        self._weights = [g["weight"] for g in groups]
        self._taken: Counter[str] = Counter()

    def name(self) -> tuple[str, str]:
        group, other = self._rng.choices(self._groups, self._weights, k=2)
        family_group = group if self._rng.random() < 0.9 else other  # noqa: PLR2004 - see names.toml
        given = self._rng.choice(group["given"].split())
        return given, self._rng.choice(family_group["family"].split())

    def login(self, base: str) -> str:
        self._taken[base] += 1
        count = self._taken[base]
        return base if count == 1 else f"{base}{count}"


def _pupils(namer: _Namer, source: Random) -> list[Person]:
    def make(year: int, given: str, family: str, device: str = "") -> Person:
        login = namer.login(f"{login_year(year)}.{plain(given)}.{plain(family)}")
        form = f"{year}{source.choice(FORMS)}"
        return Person(login, given, family, "student", year, form, device=device)

    cast = [
        make(int(r["year"]), r["given"], r["family"], r["device"]) for r in read_csv("cast.csv")
    ]
    present = Counter(p.year for p in cast)
    rest = [
        make(year, *namer.name())
        for year, size in PUPILS_PER_YEAR.items()
        for _ in range(size - present[year])
    ]
    return sorted(cast + rest, key=lambda p: (p.year, p.login))


def _staff(namer: _Namer, source: Random) -> list[Person]:
    def make(given: str, family: str, role: str, **more: str) -> Person:
        return Person(
            namer.login(f"{plain(given)[0]}.{plain(family)}"), given, family, role, 0, **more
        )

    cast = [
        make(
            r["given"],
            r["family"],
            r["role"],
            duty=r["duty"],
            subject=r["subject"],
            device=r["device"],
        )
        for r in read_csv("staff.csv")
    ]
    have = Counter(p.role for p in cast)
    wanted = ["teacher"] * (TEACHERS - have["teacher"]) + ["aide"] * AIDES
    wanted += ["administrator"] * (STAFF - len(cast) - len(wanted))
    rest = []
    for number, role in enumerate(wanted):
        subject = SUBJECTS[number % len(SUBJECTS)] if role == "teacher" else ""
        rest.append(make(*namer.name(), role, subject=subject))
    source.shuffle(rest)
    return cast + rest


@cache
def everybody() -> tuple[Person, ...]:
    """Return the whole school, pupils first; the same people at every call."""
    source = rng("people")
    namer = _Namer(source)
    return tuple(_pupils(namer, source) + _staff(namer, source))


def pupils() -> list[Person]:
    """Return the pupils in order of year and login."""
    return [p for p in everybody() if p.role == "student"]


def staff() -> list[Person]:
    """Return the staff, those with a part in the day first."""
    return [p for p in everybody() if p.role != "student"]
