"""The recorded day is what its programs make, and holds what its README promises."""

import csv
import io
import json
import re
import subprocess
import sys
import zipfile
from collections import Counter
from pathlib import Path
from typing import Any

import msgspec
import pytest

from contracts.activity import MAX_BODY_BYTES, Activity, Batch

ROOT = Path(__file__).parents[3]
GREENFIELD = ROOT / "demo" / "greenfield"
DAY = GREENFIELD / "day"
SQUID = re.compile(
    r"\d{10}\.\d{3} +\d+ [\d.]+ TCP_\w+/\d{3} \d+ (GET|CONNECT) \S+ (\S+) HIER_\w+/\S+ \S+"
)
CONCERN_THEMES = [
    "suicide",
    "self_harm",
    "eating_disorder",
    "mental_distress",
    "bullying",
    "discrimination",
    "misogyny_vawg",
    "exploitation.cse_grooming",
    "exploitation.cce_county_lines",
    "nudes_sexting",
    "extremism",
    "weapons",
    "violence",
    "drugs_substances",
    "abuse_disclosure",
    "gambling_commerce",
    "circumvention",
    "pornography",
    "sexual_harassment",
]


def read_zip(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {info.filename: archive.read(info) for info in archive.infolist()}


def table(members: dict[str, bytes], name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(members[name].decode("utf-8"))))


def utc_ms(hours: int, minutes: int, seconds: int = 0) -> int:
    return 1_794_268_800_000 + ((hours * 60 + minutes) * 60 + seconds) * 1000


@pytest.fixture(scope="module")
def posts() -> list[dict[str, Any]]:
    return [json.loads(line) for line in (DAY / "agents.ndjson").read_bytes().splitlines()]


@pytest.fixture(scope="module")
def batches(posts: list[dict[str, Any]]) -> list[tuple[dict[str, Any], Batch]]:
    found = []
    for post in posts:
        if "heartbeat" not in post:
            body = {k: v for k, v in post.items() if k not in {"send_at_ms", "device"}}
            raw = json.dumps(body, ensure_ascii=False).encode()
            assert len(raw) <= MAX_BODY_BYTES
            found.append((post, msgspec.json.decode(raw, type=Batch)))
    return found


@pytest.fixture(scope="module")
def activities(batches: list[tuple[dict[str, Any], Batch]]) -> dict[str, Activity]:
    once = {batch.batch_id: batch for _, batch in batches}
    every = [a for batch in once.values() for a in batch.activities]
    by_id = {a.id: a for a in every}
    assert len(by_id) == len(every), "activity ids are unique"
    return by_id


@pytest.fixture(scope="module")
def squid() -> list[str]:
    return (DAY / "squid.access.log").read_text("utf-8").splitlines()


@pytest.fixture(scope="module")
def labels() -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO((DAY / "labels.csv").read_text("utf-8"))))


@pytest.fixture(scope="module")
def roles() -> dict[str, str]:
    users = table(read_zip(GREENFIELD / "roster.zip"), "users.csv")
    return {row["username"]: row["role"] for row in users}


def test_the_seed_gives_the_committed_bytes(tmp_path: Path) -> None:
    for module, folder in (("demo.make_roster", tmp_path), ("demo.make_day", tmp_path / "day")):
        subprocess.run([sys.executable, "-m", module, str(folder)], cwd=ROOT, check=True)
    made = sorted(p.relative_to(tmp_path) for p in tmp_path.rglob("*") if p.is_file())
    assert {str(name) for name in made} | {"marks.txt"} == {
        str(p.relative_to(GREENFIELD)) for p in GREENFIELD.rglob("*") if p.is_file()
    }
    for name in made:
        # Members, not archives: zlib may pack the same bytes differently on another machine.
        read = read_zip if name.suffix == ".zip" else Path.read_bytes
        assert read(tmp_path / name) == read(GREENFIELD / name), name


def test_the_files_stay_below_three_megabytes() -> None:
    assert sum(p.stat().st_size for p in GREENFIELD.rglob("*") if p.is_file()) < 3_000_000


def test_the_roster_holds_a_thousand_pupils_and_the_staff(roles: dict[str, str]) -> None:
    members = read_zip(GREENFIELD / "roster.zip")
    users = table(members, "users.csv")
    assert len(users) == len(roles) == 1120
    assert Counter(roles.values())["student"] == 1000
    grades = {row["grades"] for row in users if row["role"] == "student"}
    assert grades == {"07", "08", "09", "10", "11", "12", "13"}
    known = {row["sourcedId"] for row in users}
    classes = {row["sourcedId"] for row in table(members, "classes.csv")}
    courses = {row["sourcedId"] for row in table(members, "courses.csv")}
    for row in table(members, "enrollments.csv"):
        assert row["userSourcedId"] in known
        assert row["classSourcedId"] in classes
    assert {row["courseSourcedId"] for row in table(members, "classes.csv")} <= courses


def test_duties_name_everybody_the_alarm_chain_needs(roles: dict[str, str]) -> None:
    duties = json.loads((GREENFIELD / "users.json").read_text("utf-8"))
    by_role = {entry["role"]: entry for entry in duties}
    assert set(by_role) == {"dsl", "deputy_dsl", "head", "it", "governor", "integrator"}
    assert all(by_role[r]["login"] in roles for r in ("dsl", "deputy_dsl", "head", "it"))
    assert all(entry["email"].endswith("@greenfield.example") for entry in duties)


def test_batches_decode_hold_one_login_and_come_in_order(
    posts: list[dict[str, Any]], batches: list[tuple[dict[str, Any], Batch]]
) -> None:
    assert [p["send_at_ms"] for p in posts] == sorted(p["send_at_ms"] for p in posts)
    for post, batch in batches:
        assert len({a.login for a in batch.activities}) == 1
        assert all(a.occurred_at_ms <= post["send_at_ms"] for a in batch.activities)


def test_counts_are_as_promised(activities: dict[str, Activity], squid: list[str]) -> None:
    assert 12_000 <= len(activities) <= 20_000
    assert 2_700 <= len(squid) <= 3_300
    times = [a.occurred_at_ms for a in activities.values()]
    assert utc_ms(7, 30) <= min(times)
    assert max(times) <= utc_ms(22, 0)


def test_logins_and_devices_are_known(
    posts: list[dict[str, Any]],
    activities: dict[str, Activity],
    squid: list[str],
    roles: dict[str, str],
) -> None:
    devices = list(csv.DictReader((GREENFIELD / "devices.csv").open(encoding="utf-8")))
    assert {d["login"] for d in devices if d["login"]} <= roles.keys()
    assert {p["device"] for p in posts} <= {d["name"] for d in devices}
    assert {a.login for a in activities.values()} <= roles.keys()
    for line in squid:
        match = SQUID.fullmatch(line)
        assert match, line
        assert match[2] in roles


def test_labels_refer_to_activities_and_keep_their_promises(
    activities: dict[str, Activity],
    squid: list[str],
    labels: list[dict[str, str]],
    roles: dict[str, str],
) -> None:
    lines = {f"squid:{n}" for n in range(1, len(squid) + 1)}
    assert {row["activity_id"] for row in labels} <= activities.keys() | lines
    concerns = [row for row in labels if row["label"] == "concern"]
    assert len(concerns) >= 30
    assert {row["theme"] for row in concerns} >= set(CONCERN_THEMES)
    assert {row["severity"] for row in concerns} <= set("12345")
    indirect = sum(row["wording"] == "indirect" for row in concerns) / len(concerns)
    assert 0.25 <= indirect <= 0.45
    assert sum(row["label"] == "look_alike" for row in labels) >= 40
    for row in concerns:
        if row["activity_id"] in activities:
            assert roles[activities[row["activity_id"]].login] == "student"
    judged = Counter(row["activity_id"] for row in labels if row["label"] != "mark")
    assert max(judged.values()) == 1


def test_staff_have_activities_that_would_alarm(
    activities: dict[str, Activity], labels: list[dict[str, str]], roles: dict[str, str]
) -> None:
    of_staff = [
        row
        for row in labels
        if row["activity_id"] in activities
        and roles[activities[row["activity_id"]].login] != "student"
    ]
    assert len([row for row in of_staff if row["label"] != "mark"]) >= 5
    assert all("unevaluated" in row["note"] for row in of_staff if row["label"] != "mark")


def test_the_offline_laptop_reports_at_2140(
    batches: list[tuple[dict[str, Any], Batch]], labels: list[dict[str, str]]
) -> None:
    (late,) = [(p, b) for p, b in batches if b.activities[0].offline]
    post, batch = late
    assert (post["device"], post["send_at_ms"]) == ("gf-lt-014", utc_ms(21, 40))
    assert all(a.offline for a in batch.activities)
    assert all(utc_ms(20, 50) <= a.occurred_at_ms <= utc_ms(21, 20) for a in batch.activities)
    worried = {row["activity_id"] for row in labels if row["theme"] == "self_harm"}
    assert len([a for a in batch.activities if a.id in worried]) >= 5


def test_one_device_falls_silent_while_others_go_on(posts: list[dict[str, Any]]) -> None:
    last = max(p["send_at_ms"] for p in posts if p["device"] == "gf-lt-009")
    assert utc_ms(11, 10) <= last <= utc_ms(11, 20)
    others = {p["device"] for p in posts if p["send_at_ms"] > utc_ms(13, 0)}
    assert len(others) >= 50


def test_one_batch_comes_again_hours_later(
    posts: list[dict[str, Any]], labels: list[dict[str, str]]
) -> None:
    count = Counter(p["batch_id"] for p in posts if "batch_id" in p)
    (again,) = [name for name, times in count.items() if times > 1]
    first, second = [p for p in posts if p.get("batch_id") == again]
    assert first["activities"] == second["activities"]
    assert second["send_at_ms"] - first["send_at_ms"] > 2 * 3_600_000
    concerns = {row["activity_id"] for row in labels if row["label"] == "concern"}
    assert concerns & {a["id"] for a in first["activities"]}


def test_every_mark_is_in_the_day_or_the_roster(
    labels: list[dict[str, str]], roles: dict[str, str]
) -> None:
    marks = (GREENFIELD / "marks.txt").read_text("utf-8").split()
    assert len(marks) >= 12
    planted = {row["note"].split()[0] for row in labels if row["label"] == "mark"}
    assert planted == set(marks)
    assert sum(any(mark in login for login in roles) for mark in marks) == 2
