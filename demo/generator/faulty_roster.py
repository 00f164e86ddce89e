"""A small roster in which about every second row is wrong, for the report of errors by row."""

from demo.generator.files import csv_text
from demo.generator.oneroster import HEADERS, SCHOOL, fixed_rows, manifest

_CLASSES: list[tuple[str, ...]] = [
    (
        "cls-good",
        "",
        "",
        "9En1",
        "09",
        "crs-good",
        "9En1",
        "scheduled",
        "B4",
        SCHOOL,
        "ses-2026-autumn",
        "English",
        "",
        "",
    ),
    (
        "cls-lost-course",
        "",
        "",
        "9Ma1",
        "09",
        "crs-none",
        "9Ma1",
        "scheduled",
        "B5",
        SCHOOL,
        "ses-2026-autumn",
        "Maths",
        "",
        "",
    ),
    (
        "cls-bad-type",
        "",
        "",
        "9Sc1",
        "09",
        "crs-good",
        "9Sc1",
        "lecture",
        "B6",
        SCHOOL,
        "ses-2026-autumn",
        "Science",
        "",
        "",
    ),
]


def _user(
    sourced: str,
    username: str,
    *,
    role: str = "student",
    org: str = SCHOOL,
    grade: str = "09",
    given: str = "Test",
    family: str = "Pupil",
    enabled: str = "true",
    status: str = "",
) -> tuple[str, ...]:
    email = f"{username}@greenfield.example" if username else ""
    names = (given, family, "", "", email, "", "", "")
    return (sourced, status, "", enabled, org, role, username, "", *names, grade, "")


def _users() -> list[tuple[str, ...]]:
    return [
        _user("u-01", "24.good.one"),
        _user("u-02", "24.good.two"),
        _user("u-03", "g.teacher", role="teacher", grade=""),
        _user("", "24.no.sourcedid"),
        _user("u-05", "24.bad.role", role="wizard"),
        _user("u-01", "24.duplicate.sourcedid"),
        _user("u-07", "24.unknown.org", org="org-nowhere"),
        _user("u-08", "24.bad.grade", grade="ninety"),
        _user("u-09", "24.grade.outofrange", grade="27"),
        _user("u-10", "24.too.few")[:7],
        (*_user("u-11", "24.too.many"), "extra", "cells"),
        _user("u-12", ""),
        _user("u-13", "24.good.two"),
        _user("u-14", "24.no.family", family=""),
        _user("u-15", "24.bad.enabled", enabled="perhaps"),
        _user("u-16", "24.bad.status", status="retired"),
        _user("u-17", "24.no.role", role=""),
        _user("u-18", "24.no.org", org=""),
        _user("u-19", "24.good.three", given="Siân"),
        _user("u-20", "24.good.four", grade="10"),
    ]


def _enrolments() -> list[tuple[str, ...]]:
    def row(
        sourced: str, group: str, user: str, role: str = "student", primary: str = "false"
    ) -> tuple[str, ...]:
        return (sourced, "", "", group, SCHOOL, user, role, primary, "2026-09-01", "")

    return [
        row("e-1", "cls-good", "u-01"),
        row("e-2", "cls-good", "u-02"),
        row("e-3", "cls-good", "u-03", "teacher", "true"),
        row("e-4", "cls-none", "u-19"),
        row("e-5", "cls-good", "u-none"),
        row("e-6", "cls-good", "u-20", "visitor"),
        (*row("e-7", "cls-good", "u-19")[:8], "01/09/2026", ""),
    ]


def faulty_tables() -> dict[str, str]:
    """Return the members of the faulty zip: users, classes and enrolments hold the faults."""
    rows: dict[str, list[tuple[str, ...]]] = fixed_rows() | {
        "courses": [("crs-good", "", "", "ses-2026", "English", "En", "09", SCHOOL, "English", "")],
        "classes": _CLASSES,
        "users": _users(),
        "enrollments": _enrolments(),
    }
    return {"manifest.csv": manifest()} | {
        f"{name}.csv": csv_text(header, rows[name]) for name, header in HEADERS.items()
    }
