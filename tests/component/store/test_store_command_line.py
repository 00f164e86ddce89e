"""`vigil store` on real servers: taken while they run, brought back into a new data folder."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from chassis.clock import as_datetime
from chassis.store.application import ShardedStore
from chassis.store.client import connect
from chassis.store.restore import compare
from services.directory.application.create_school import CreateSchool
from services.directory.application.directory import Directory, Stores
from vigil.__main__ import main
from vigil.system.databases import in_folder
from vigil.system.stores import STORES, applications


def vigil(*arguments: object, env: dict[str, str] | None = None) -> Result:
    words = ["store", *map(str, arguments)]
    return CliRunner().invoke(main, words, env={"MONGODB_URL": None, **(env or {})})


class Secrets:
    def __init__(self, database: Any) -> None:
        self.kept = database["school_secrets"]

    def create(self, school: str) -> None:
        self.kept.insert_one({"_id": school, "tenant": school, "wrapped": b"sealed"})


class Places:
    def place(self, _: str) -> int:
        return 11

    def shard_of(self, _: str) -> int:
        return 11


@pytest.fixture
def a_school(system: Any, school: str) -> str:
    """A school in the directory's store."""
    client = connect(
        system.mongod.url,
        username="directory",
        password=(system.secrets_dir("directory") / "mongodb_password").read_text(),
        authSource="admin",
    )
    with client:
        store = ShardedStore(client, "vigil_directory", Directory)
        stores = Stores(store, Places(), lambda *_: None)  # type: ignore[arg-type]
        secrets: Any = Secrets(client["vigil_directory"])
        create = CreateSchool(stores, Places(), secrets)  # type: ignore[arg-type]
        made, _ = create("Greenfield", f"s-{school}", 0, "", as_datetime(1_767_225_600_000))
    return str(made.id)


def test_there_and_back(system: Any, a_school: str, tmp_path: Path) -> None:
    folder, data = tmp_path / "backup", tmp_path / "data"
    taken = vigil("backup", folder, "--data", system.folder.path)
    assert taken.exit_code == 0, taken.output
    assert "vigil_directory/school_secrets.bson: " in taken.output
    assert "secrets/directory/master_key elsewhere" in taken.output
    assert "master" not in json.dumps([p.name for p in folder.rglob("*")])

    checked = vigil("verify", folder)
    assert checked.exit_code == 0, checked.output
    assert "vigil_directory.commits_11: position " in checked.output

    restored = vigil("restore", folder, "--data", data, "--quiet")
    assert restored.exit_code == 0, restored.output
    assert restored.output.splitlines()[0].startswith("Restored: ")
    assert "Now bring back" in restored.output
    with in_folder(data, running=True) as client:
        compare(folder, client)
        assert client["vigil_directory"]["school_secrets"].find_one({"_id": a_school})
    again = vigil("restore", folder, "--data", data)
    assert again.exit_code == 3
    assert "is not empty: drop it" in again.output


def test_refusals_are_sentences(system: Any, a_school: str, tmp_path: Path) -> None:
    assert a_school
    data = system.folder.path
    folder = tmp_path / "backup"
    own = ("--mongodb-url", system.mongod.url, "--user", "root")
    password = ("--password-file", data / "secrets/mongod/root-password")
    assert vigil("backup", folder, *own, *password, "--quiet").exit_code == 0
    streams = tmp_path / "other"
    (streams / "nats").mkdir(parents=True)
    wrong = tmp_path / "wrong"
    wrong.write_text("guess")
    for arguments, sentence in (
        (("restore", folder, "--data", data), "has streams of its own"),
        (("restore", folder, "--data", streams), "has streams of its own"),
        (("restore", folder, *own, *password), "is not empty: drop it"),
        (("restore", tmp_path / "none", "--data", tmp_path / "new"), "no finished backup"),
        (("backup", folder, "--data", data), "is not empty: name a new folder"),
        (("backup", tmp_path / "x", "--data", tmp_path / "nowhere"), "has no mongod"),
        (("backup", tmp_path / "y", *own, "--password-file", wrong), "MongoDB: Authentication"),
        (("verify", tmp_path), "no finished backup"),
    ):
        outcome = vigil(*arguments)
        assert outcome.exit_code == 3, outcome.output
        assert sentence in outcome.output
        assert "Traceback" not in outcome.output
    file = folder / "vigil_directory/commits_11.bson"
    file.write_bytes(file.read_bytes()[:-1] + b"\x01")
    damaged = vigil("verify", folder)
    assert damaged.exit_code == 3
    assert "commits_11.bson" in damaged.output


def test_every_store_of_a_role_can_be_replayed() -> None:
    assert applications().keys() == {f"vigil_{role}" for role in STORES}
    bootstraps = Path(__file__).parents[3].glob("services/**/bootstrap.py")
    with_store = {p.parent.name for p in bootstraps if "ShardedStore(" in p.read_text()}
    assert with_store == STORES.keys()
