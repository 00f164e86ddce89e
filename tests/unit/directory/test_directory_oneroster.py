import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from services.directory.adapters.importers import tables
from services.directory.adapters.importers.oneroster import read_oneroster
from services.directory.adapters.importers.oneroster_rules import RosterLine
from services.directory.adapters.importers.tables import RowError, UnreadableRosterError

DEMO = Path(__file__).parents[3] / "demo" / "greenfield"

MANIFEST = "propertyName,value\noneroster.version,1.1\nfile.users,bulk\n"
ORGS = "sourcedId,status,name,type\norg,,Greenfield,school\n"
USERS = (
    "sourcedId,status,enabledUser,orgSourcedIds,role,username,givenName,familyName,email,grades\n"
)
CLASSES = "sourcedId,status,title,courseSourcedId,classType\n"
ENROLMENTS = "sourcedId,status,classSourcedId,userSourcedId,role,beginDate,endDate\n"

Zipped = Callable[..., Path]


@pytest.fixture
def zipped(tmp_path: Path) -> Zipped:
    """A zip with a sound manifest and organisation, and the tables given (None: left out)."""

    def make(**files: str | bytes | None) -> Path:
        path = tmp_path / "roster.zip"
        members = {"manifest": MANIFEST, "orgs": ORGS, "users": USERS} | files
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, text in members.items():
                if text is not None:
                    archive.writestr(f"{name}.csv", text)
        return path

    return make


def people(path: Path) -> list[RosterLine]:
    return [entry for entry in read_oneroster(path) if isinstance(entry, RosterLine)]


def errors(path: Path) -> list[tuple[str, int, str]]:
    return [(e.file, e.line, e.field) for e in read_oneroster(path) if isinstance(e, RowError)]


def refused(path: Path) -> str:
    with pytest.raises(UnreadableRosterError) as error:
        list(read_oneroster(path))
    return str(error.value)


def test_the_demo_roster_is_read_whole() -> None:
    path = DEMO / "roster.zip"
    assert errors(path) == []
    read = people(path)
    assert len(read) > 1000
    pupil = next(p.row for p in read if p.row.sourced_id == "usr-26-aaliyah-akhtar")
    assert (pupil.role, pupil.year_group, pupil.active) == ("pupil", 7, True)
    assert "Form 7A" in pupil.groups
    assert list(pupil.logins) == ["26.aaliyah.akhtar", "26.aaliyah.akhtar@greenfield.example"]


def test_each_fault_of_the_faulty_roster_is_found_by_line_and_field() -> None:
    path = DEMO / "roster_with_errors.zip"
    assert errors(path) == [
        ("classes.csv", 3, "courseSourcedId"),
        ("classes.csv", 4, "classType"),
        ("users.csv", 5, "sourcedId"),
        ("users.csv", 6, "role"),
        ("users.csv", 7, "sourcedId"),
        ("users.csv", 8, "orgSourcedIds"),
        ("users.csv", 9, "grades"),
        ("users.csv", 10, "grades"),
        ("users.csv", 11, ""),
        ("users.csv", 12, ""),
        ("users.csv", 13, "username"),
        ("users.csv", 14, "username"),
        ("users.csv", 15, "familyName"),
        ("users.csv", 16, "enabledUser"),
        ("users.csv", 17, "status"),
        ("users.csv", 18, "role"),
        ("users.csv", 19, "orgSourcedIds"),
        ("enrollments.csv", 5, "classSourcedId"),
        ("enrollments.csv", 6, "userSourcedId"),
        ("enrollments.csv", 7, "role"),
        ("enrollments.csv", 8, "beginDate"),
    ]
    assert [p.row.sourced_id for p in people(path)] == ["u-01", "u-02", "u-03", "u-19", "u-20"]


def test_reasons_quote_nothing() -> None:
    for entry in read_oneroster(DEMO / "roster_with_errors.zip"):
        if isinstance(entry, RowError):
            assert not {"wizard", "ninety", "perhaps"} & set(entry.reason.split())


def test_who_left_or_is_disabled_is_not_active(zipped: Zipped) -> None:
    rows = (
        "u-1,tobedeleted,true,org,student,a,A,B,,09\n"
        "u-2,,false,org,student,b,A,B,,09\n"
        "u-3,active,true,org,student,c,A,B,,09\n"
    )
    assert [p.row.active for p in people(zipped(users=USERS + rows))] == [False, False, True]


def test_families_are_left_out_without_a_word(zipped: Zipped) -> None:
    rows = "p-1,,true,org,parent,,A,B,,\nu-1,,true,org,aide,a,A,B,,\n"
    enrolled = "e-1,,c-1,p-1,student,,\n"
    path = zipped(
        users=USERS + rows,
        classes=CLASSES + "c-1,,9En1,crs,scheduled\n",
        enrollments=ENROLMENTS + enrolled,
    )
    assert errors(path) == []
    assert [(p.row.role, p.row.HasField("year_group")) for p in people(path)] == [("staff", False)]


def test_classes_become_groups_once_each_and_deleted_enrolments_none(zipped: Zipped) -> None:
    path = zipped(
        users=USERS + "u-1,,true,org,student,a,A,B,,09\n",
        classes=CLASSES + "c-1,,9En1,crs,scheduled\nc-2,,9Ma1,crs,scheduled\n",
        enrollments=ENROLMENTS
        + "e-1,,c-1,u-1,student,2026-09-01,\ne-2,,c-1,u-1,student,,\n"
        + "e-3,tobedeleted,c-2,u-1,student,,\n",
    )
    assert errors(path) == []
    assert list(people(path)[0].row.groups) == ["9En1"]


def test_a_byte_order_mark_and_quoted_lines_are_read(zipped: Zipped) -> None:
    rows = 'u-1,,true,org,student,a,"A\nB",C,,09\nu-2,,true,org,student,b,"",C,,09\n'
    path = zipped(users=("\ufeff" + USERS + rows).encode())
    assert errors(path) == [("users.csv", 4, "givenName")]
    assert people(path)[0].line == 3


@pytest.mark.parametrize(
    ("files", "says"),
    [
        ({"manifest": None}, "manifest.csv is missing"),
        ({"orgs": None}, "orgs.csv is missing"),
        ({"users": None}, "users.csv is missing"),
        ({"manifest": "propertyName,value\noneroster.version,1.2\n"}, "oneroster.version 1.1"),
        ({"manifest": MANIFEST + "file.classes,delta\n"}, "delta"),
        ({"orgs": ORGS + "org-2,,Other,school\n"}, "2 schools"),
        ({"users": "sourcedId,status\n"}, "has no column"),
        ({"users": ""}, "has no column"),
        ({"users": USERS.encode("utf-16")}, "UTF-8"),
        ({"users": USERS + '"a"b,c\n'}, "not CSV"),
    ],
)
def test_a_file_that_is_no_use_says_why(
    zipped: Zipped, files: dict[str, str | bytes | None], says: str
) -> None:
    assert says in refused(zipped(**files))


def test_what_is_no_zip(tmp_path: Path) -> None:
    path = tmp_path / "roster.zip"
    assert "can't be read" in refused(path)
    path.write_text("sourcedId\n")
    assert "can't be read" in refused(path)
    path.write_bytes((DEMO / "roster.zip").read_bytes()[:5000])
    assert "can't be read" in refused(path)


def test_a_damaged_member(zipped: Zipped) -> None:
    path = zipped(users=USERS + "u-1,,true,org,student,a,A,B,,09\n" * 50)
    data = bytearray(path.read_bytes())
    at = data.index(b"users.csv") + 60
    data[at : at + 8] = b"\xff" * 8
    path.write_bytes(data)
    assert "can't be unpacked" in refused(path)


def test_a_bomb_is_stopped_while_unpacking(zipped: Zipped, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "MAX_TABLE_BYTES", 1024 * 1024)
    path = zipped(users=USERS + "\n" * 50 * 1024 * 1024)
    assert path.stat().st_size < 100_000
    assert "unpacks to more" in refused(path)


def test_too_large_and_too_many(zipped: Zipped, monkeypatch: pytest.MonkeyPatch) -> None:
    path = zipped()
    monkeypatch.setattr(tables, "MAX_MEMBERS", 2)
    assert "more than 2 files" in refused(path)
    monkeypatch.setattr(tables, "MAX_ZIP_BYTES", 10)
    assert "larger than" in refused(path)
