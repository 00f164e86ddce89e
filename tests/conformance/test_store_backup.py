"""A backup taken while commands run holds one moment, and comes back as it was."""

import asyncio
import threading
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from counters import Counter, Counters
from pymongo import MongoClient
from pymongo.errors import DuplicateKeyError

from chassis.store.application import ShardedStore
from chassis.store.backup import backup
from chassis.store.backup_files import Manifest, read_manifest
from chassis.store.batches import PoisonedEventError
from chassis.store.client import connect
from chassis.store.commands import CommandRunner
from chassis.store.errors import BackupError, SequenceGapError
from chassis.store.projections import ProjectionRunner
from chassis.store.relay import Publication, Relay
from chassis.store.replay import replay_backup, replay_store
from chassis.store.restore import compare, restore, verify
from tests.servers import Mongod

Client = MongoClient[dict[str, Any]]


class Totals:
    name = "totals"
    topics = None

    def handle(self, rows: Any, events: Any, session: Any) -> None:
        for _, event in events:
            which = {"_id": str(event.originator_id)}
            rows["totals"].update_one(which, {"$inc": {"n": 1}}, upsert=True, session=session)


class Busy:
    """Commands, a projection, a relay, and keys that are made before what they seal."""

    def __init__(self, client: Client, database: str) -> None:
        self.client, self.database = client, database
        self.store = ShardedStore(client, database, Counters)
        self.stop = threading.Event()

    def write(self, shard: int) -> None:
        keys = self.client[f"{self.database}_keys"]["keys"]
        while not self.stop.is_set():
            counter_id = uuid4()
            keys.insert_one({"_id": str(counter_id)})
            self.store.shard(shard).open(counter_id, 2)
            self.store.shard(shard).raise_by(counter_id, 1)
            time.sleep(0.002)

    async def during(self, work: Any) -> Any:
        runner, stop = CommandRunner(4), asyncio.Event()
        here = self.client[self.database]
        sent: list[str] = []

        async def publish(_: Publication, headers: Mapping[str, str]) -> None:
            sent.append(headers["Vigil-Position"])

        def publisher(event: Any, position: int) -> Publication:
            return Publication("s", "w", b"", f"{event.originator_id}:{position}", "t")

        relay = Relay(self.store, publisher, publish, runner, here, "relay")
        projection = ProjectionRunner(self.store, Totals(), runner, here)
        tasks = [asyncio.create_task(each.run(stop)) for each in (relay, projection)]
        writers = [asyncio.create_task(asyncio.to_thread(self.write, n)) for n in (0, 7)]
        await asyncio.sleep(0.5)
        done = await work
        await asyncio.sleep(0.2)
        self.stop.set()
        await asyncio.gather(*writers)
        stop.set()
        await asyncio.gather(*tasks)
        runner.close()
        return done


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    server = Mongod(tmp_path_factory.mktemp("elsewhere")).start()
    with connect(server.url) as client:
        yield client
    server.stop()


@pytest.fixture
def names(mongo: Client, elsewhere: Client, database: str) -> Iterator[list[str]]:
    both = [database, f"{database}_keys"]
    mongo[both[1]]["keys"].create_index("made", name="by_made", sparse=True)
    yield both
    for name in both:
        mongo.drop_database(name)
        elsewhere.drop_database(name)


def heads(manifest: Manifest) -> dict[str, int]:
    return {one.collection: one.head for one in manifest.kept if one.head is not None}


async def test_taken_while_commands_run_and_restored_elsewhere(
    mongo: Client, elsewhere: Client, names: list[str], tmp_path: Path
) -> None:
    busy, folder = Busy(mongo, names[0]), tmp_path / "backup"
    taken = await busy.during(asyncio.to_thread(backup, mongo, names, folder))
    assert verify(folder) == read_manifest(folder) == taken
    reached = heads(taken)
    assert reached.keys() == {"commits_00", "commits_07"}
    assert 0 < reached["commits_00"] < (busy.store.shard(0).recorder.max_notification_id() or 0)
    assert all((folder / one.file).stat().st_mode & 0o077 == 0 for one in taken.kept)

    restore(folder, elsewhere)
    again = ShardedStore(elsewhere, names[0], Counters)
    replayed = list(replay_backup(folder, {names[0]: Counters}))
    assert [(name, one.position) for _, name, one in replayed] == sorted(reached.items())
    for shard, (_, name, one) in zip((0, 7), replayed, strict=True):
        assert one.aggregates > 0
        # Positions and states: as they were at the source, and as they came back.
        assert replay_store(busy.store.shard(shard), reached[name]) == one
        assert replay_store(again.shard(shard), 10**9) == one

    here = elsewhere[names[0]]
    for kind in ("projections_positions", "relays_positions"):
        for row in here[kind].find({"p": {"$gt": 0}}):
            assert row["p"] <= reached[f"commits_{row['_id'][-2:]}"]
    counted = sum(row["n"] for row in here["totals"].find())
    assert counted == sum(row["p"] for row in here["projections_positions"].find())
    held = {key["_id"] for key in elsewhere[names[1]]["keys"].find()}
    used = {
        str(n.originator_id)
        for s in (0, 7)
        for n in again.shard(s).recorder.select_notifications(1, 10**6)
    }
    assert used <= held
    assert "by_made" in elsewhere[names[1]]["keys"].index_information()

    # It goes on: the next command, the view, and the unique index.
    compare(folder, elsewhere)
    counter_id = uuid4()
    position = again.shard(0).open(counter_id)
    assert position == reached["commits_00"] + 1
    commits = here["commits_00"]
    twice = commits.find_one({}, sort=[("_id", -1)]) or {}
    with pytest.raises(DuplicateKeyError):
        commits.insert_one({**twice, "_id": 10**6})
    busy_elsewhere = Busy(elsewhere, names[0])
    await busy_elsewhere.during(asyncio.sleep(0.1))
    with pytest.raises(BackupError, match="something else"):
        compare(folder, elsewhere)


def some(client: Client, name: str, folder: Path) -> Manifest:
    store = ShardedStore(client, name, Counters)
    for _ in range(5):
        store.shard(2).open(uuid4(), 3)
    return backup(client, [name], folder)


def test_only_empty_databases_and_folders(mongo: Client, database: str, tmp_path: Path) -> None:
    some(mongo, database, tmp_path / "one")
    with pytest.raises(BackupError, match="not empty: drop it"):
        restore(tmp_path / "one", mongo)
    with pytest.raises(BackupError, match="not empty: name a new"):
        backup(mongo, [database], tmp_path / "one")


@pytest.mark.parametrize("damage", ["flip", "cut", "gone", "manifest", "unfinished"])
def test_damage_is_found_before_anything_is_written(
    mongo: Client, elsewhere: Client, database: str, tmp_path: Path, damage: str
) -> None:
    some(mongo, database, tmp_path)
    file, manifest = tmp_path / database / "commits_02.bson", tmp_path / "manifest.json"
    content = bytearray(file.read_bytes())
    if damage == "flip":
        content[len(content) // 2] ^= 1
        file.write_bytes(content)
    elif damage == "cut":
        file.write_bytes(content[:-10])
    elif damage == "gone":
        file.unlink()
    elif damage == "manifest":
        manifest.write_text(manifest.read_text()[:-20])
    else:
        manifest.unlink()
    for work in (lambda: verify(tmp_path), lambda: restore(tmp_path, elsewhere)):
        with pytest.raises(BackupError):
            work()
    assert database not in elsewhere.list_database_names()


def test_a_store_with_a_hole_is_not_backed_up(mongo: Client, database: str, tmp_path: Path) -> None:
    some(mongo, database, tmp_path / "sound")
    mongo[database]["commits_02"].delete_one({"_id": 5})
    with pytest.raises(BackupError, match="expected commit 5: one is missing"):
        backup(mongo, [database], tmp_path / "holed")
    with pytest.raises(BackupError, match="no finished backup"):
        verify(tmp_path / "holed")
    with pytest.raises(SequenceGapError):
        replay_store(ShardedStore(mongo, database, Counters).shard(2), 100)


def test_an_event_of_another_release_is_named(
    mongo: Client, database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    some(mongo, database, tmp_path)

    def refuse(*_: Any) -> None:
        raise ValueError("private words")

    monkeypatch.setattr(Counter.Raised, "apply", refuse)
    with pytest.raises(PoisonedEventError, match=r"test\.counter\.raised\.v1 at 2") as refused:
        list(replay_backup(tmp_path, {database: Counters}))
    assert "private" not in str(refused.value)
