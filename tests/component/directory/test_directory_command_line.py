import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from vigil.commands.device import device
from vigil.commands.roster import roster
from vigil.commands.school import school as school_command
from vigil.commands.token import token
from vigil.commands.user import user

DEMO = Path(__file__).parents[3] / "demo" / "greenfield"

Vigil = Callable[..., Result]


@pytest.fixture
def vigil(directory: None, system: Any, tmp_path: Path) -> Vigil:  # noqa: ARG001 - must be up
    """A command of the command line against the running directory, by the data folder's file."""
    told = {
        "nats_url": system.nats.url,
        "secrets_dir": str(system.secrets_dir("operator")),
        "trust_file": str(system.trust),
    }
    (tmp_path / "operator.json").write_text(json.dumps(told))

    def run(command: Any, *arguments: str) -> Result:
        return CliRunner().invoke(command, [*arguments, "--data", str(tmp_path)])

    return run


@pytest.fixture
def created(vigil: Vigil, slug: str) -> str:
    result = vigil(school_command, "create", "Greenfield", "--slug", slug, "--json")
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["created"] is True
    return slug


def listed(vigil: Vigil, slug: str) -> dict[str, Any]:
    schools = json.loads(vigil(school_command, "list", "--json").stdout)
    (mine,) = [school for school in schools if school["slug"] == slug]
    return dict(mine)


def imported(vigil: Vigil, file: str, *arguments: str) -> Result:
    return vigil(roster, "import", str(DEMO / file), *arguments)


def test_the_demo_school_from_nothing(vigil: Vigil, created: str, tmp_path: Path) -> None:
    result = imported(vigil, "roster.zip", "--school", created, "--json")
    assert result.exit_code == 0, result.output
    report = json.loads(result.stdout)
    assert report["created"] == report["people"] > 1000
    assert report["errors"] == []

    again = json.loads(imported(vigil, "roster.zip", "--school", created, "--json").stdout)
    assert (again["created"], again["changed"]) == (0, 0)
    assert again["unchanged"] == report["created"]

    tokens = tmp_path / "tokens.json"
    devices = ("--file", str(DEMO / "devices.csv"), "--out", str(tokens))
    assert vigil(device, "enrol", "--school", created, *devices).exit_code == 0
    entries = json.loads(tokens.read_text())
    assert len({entry["token"] for entry in entries}) == len(entries)
    assert tokens.stat().st_mode & 0o777 == 0o600

    users = ("--file", str(DEMO / "users.json"))
    assert vigil(user, "add", "--school", created, *users).exit_code == 0
    minted = vigil(token, "--school", created, "--role", "dsl", "--ttl", "60")
    assert minted.exit_code == 0
    assert minted.stdout.count(".") == 2

    mine = listed(vigil, created)
    assert (mine["people"], mine["devices"]) == (report["created"], len(entries))


def test_rows_that_fail_are_reported_and_the_rest_is_imported(
    vigil: Vigil, created: str, tmp_path: Path
) -> None:
    errors = tmp_path / "errors.csv"
    result = imported(vigil, "roster_with_errors.zip", "--school", created, "--errors", str(errors))
    assert result.exit_code == 1
    assert "5 people created" in result.stdout
    assert "21 rows failed" in result.stderr
    lines = errors.read_text().splitlines()
    assert lines[0] == "file,line,field,reason"
    assert len(lines) == 22


def test_a_dry_run_reads_and_changes_nothing(vigil: Vigil, created: str) -> None:
    result = imported(vigil, "roster_with_errors.zip", "--school", created, "--dry-run")
    assert result.exit_code == 1
    assert "5 people can be imported" in result.stdout
    assert "users.csv line 6: role is not a role" in result.stderr
    assert listed(vigil, created)["people"] == 0


def test_a_file_that_cannot_be_read(vigil: Vigil, created: str, tmp_path: Path) -> None:
    broken = tmp_path / "broken.zip"
    broken.write_text("no zip")
    result = vigil(roster, "import", str(broken), "--school", created)
    assert result.exit_code == 2
    assert "can't be read as a zip" in result.stderr


def test_an_unknown_school_names_those_there_are(vigil: Vigil, created: str) -> None:
    result = vigil(token, "--school", "nowhere", "--role", "dsl")
    assert result.exit_code == 3
    assert created in result.stderr


def test_the_environment_s_servers_come_first(
    created: str, system: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    nowhere = ("--data", "/nonexistent")
    for name, value in system.environment("operator").items():
        monkeypatch.setenv(name, value)
    result = CliRunner().invoke(school_command, ["list", *nowhere])
    assert result.exit_code == 0
    assert created in result.stdout


def test_what_is_missing_is_asked_for(vigil: Vigil) -> None:
    assert vigil(token, "--school", "green").exit_code == 2
    assert vigil(device, "enrol", "--school", "green", "--name", "lt-1").exit_code == 2
    assert vigil(user, "add", "--school", "green", "--login", "h.carrick").exit_code == 2


def test_nothing_running_is_said_in_a_sentence(tmp_path: Path) -> None:
    result = CliRunner().invoke(school_command, ["list", "--data", str(tmp_path / "empty")])
    assert result.exit_code == 3
    assert "vigil up" in result.stderr
    gone = {"nats_url": "nats://127.0.0.1:1", "secrets_dir": str(tmp_path), "trust_file": "none"}
    (tmp_path / "operator.json").write_text(json.dumps(gone))
    result = CliRunner().invoke(school_command, ["list", "--data", str(tmp_path)])
    assert result.exit_code == 3
    assert "can't be read" in result.stderr
