"""Every view of every service, rebuilt from nothing while commands run, equals the live one."""

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from click.testing import CliRunner
from eventsourcing.domain import Aggregate
from pymongo import MongoClient

from chassis.store.application import ShardApplication, ShardedStore
from chassis.store.client import connect
from chassis.store.commands import CommandRunner
from chassis.store.projections import ProjectionRunner
from chassis.store.rebuild import rebuild
from services.alerting.domain.escalation import Escalation
from services.alerting.domain.position import Position
from services.alerting.domain.staffing import MannedStep
from services.directory.domain.device import Device
from services.directory.domain.person import Facts, Person
from services.directory.domain.school import School
from services.directory.domain.user import User
from services.policy.incidents.domain.finding import JoinedFinding
from services.policy.incidents.domain.incident import Incident
from tests.servers import Mongod
from vigil.__main__ import main
from vigil.system.roles import database_of
from vigil.system.stores import applications
from vigil.system.views import VIEWS, View

ROOT = Path(__file__).parents[3]
AT = datetime(2026, 11, 10, 12, tzinfo=UTC)

FINDING = JoinedFinding(
    *("f-1", "a-1", "search", "self_harm", 3, 0.8, "en_gb.self_harm.0001", "h", "d-1", 1, 2),
    *(False, "content", "personal", "k-1", b"s", b"", 0),
)


def directory(school: str) -> Iterator[Aggregate]:
    made = School.create(
        uuid4(), name="A", slug=school, shard=1, retention_days=30, time_zone="UTC", at=AT
    )
    yield made
    person = Person.stand_in(uuid4(), school_id=school, key_id="k", sealed_name=b"s", at=AT)
    person.link("k-2", AT)
    person.merge(uuid4(), AT)
    yield person
    known = Person.record(
        uuid4(), school_id=school, key_id="k", sealed_name=b"s", facts=Facts("pupil", 9), at=AT
    )
    yield known
    known.update(Facts("pupil", 10, ("10A",)), None, AT)
    yield known
    device = Device.enrol(
        uuid4(), school_id=school, name="lab-1", kind="desktop", token_hash="h", at=AT
    )
    yield device
    device.enrol_again("desktop", "other", AT)
    yield device
    user = User.add(uuid4(), school_id=school, key_id="k", role="dsl", sealed_contact=b"s", at=AT)
    yield user
    user.change("head", None, AT)
    yield user


def incidents(school: str) -> Iterator[Aggregate]:
    finding = replace(FINDING, finding_id=str(uuid4()))
    incident = Incident.open(
        school_id=school, person_id="p", family="harm", year_group=9, finding=finding, at=AT
    )
    yield incident
    incident.join(replace(finding, finding_id="f-2", severity=5, theme="suicide"), AT)
    yield incident
    incident.acknowledge("u-1", AT)
    yield incident
    incident.close("u-1", "pastoral", b"r", AT)
    yield incident


def alerting(school: str) -> Iterator[Aggregate]:
    escalation = Escalation.consider(
        tenant=school,
        incident_id=str(uuid4()),
        reference="VG-1",
        theme="self_harm",
        severity=4,
        position=Position(1, 1),
        at=AT,
    )
    escalation.start([MannedStep("dsl", 1000, "u-1")], [], "example.org", AT)
    yield escalation
    escalation.deliver(1, AT)
    yield escalation
    escalation.reach(2, AT)
    yield escalation


STORIES: dict[str, Callable[[str], Iterator[Aggregate]]] = {
    "alerting": alerting,
    "directory": directory,
    "incidents": incidents,
}


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MongoClient[dict[str, Any]]]:
    server = Mongod(tmp_path_factory.mktemp("mongod")).start()
    with connect(server.url) as connected:
        yield connected
    server.stop()


def test_no_view_is_left_out() -> None:
    found = {
        str(path.relative_to(ROOT))
        for path in (ROOT / "services").glob("**/projections/*.py")
        if "def handle(" in path.read_text()
    }
    assert found == {view.module.replace(".", "/") + ".py" for view in VIEWS}
    assert len({(view.role, view.name) for view in VIEWS}) == len(VIEWS)


class Commands:
    """What happens in schools, over and over, on two shards."""

    def __init__(self, role: str, store: ShardedStore[ShardApplication]) -> None:
        self.story, self.store = STORIES[role], store
        self.saved: dict[int, int] = {}
        self.stop = threading.Event()

    def run(self, shard: int, times: int | None = None) -> None:
        while not self.stop.is_set() and times != 0:
            times = None if times is None else times - 1
            for aggregate in self.story(f"school-{uuid4().hex[:8]}"):
                saved = self.store.shard(shard).save(aggregate)
                self.saved[shard] = saved[-1].notification.id
                time.sleep(0 if times is not None else 0.003)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        tasks = [asyncio.create_task(asyncio.to_thread(self.run, shard)) for shard in (1, 8)]
        try:
            yield
        finally:
            self.stop.set()
            await asyncio.gather(*tasks)


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.name)
async def test_rebuilt_from_nothing_while_commands_run(
    client: MongoClient[dict[str, Any]], view: View
) -> None:
    database = client[database_of(view.role)]
    client.drop_database(database.name)
    store = ShardedStore(client, database.name, applications()[database.name])
    commands, runner, stop = Commands(view.role, store), CommandRunner(8), asyncio.Event()
    live = ProjectionRunner(store, view.projection(database), runner, database)
    task = asyncio.create_task(live.run(stop))
    rows = database[view.collection]
    for shard in (1, 8):
        await asyncio.to_thread(commands.run, shard, 60)
        await live.wait(shard, commands.saved[shard], 20)
    before, indexes, began = (
        rows.count_documents({}),
        rows.index_information(),
        dict(commands.saved),
    )
    async with commands.running():
        done = await asyncio.to_thread(
            rebuild, store, view.projection(database), database, [view.collection]
        )
    assert all(commands.saved[shard] > began[shard] for shard in (1, 8))
    for shard in (1, 8):
        await live.wait(shard, commands.saved[shard], 20)
    stop.set()
    await task
    runner.close()
    # What the live view became while it was exchanged, and once more with nobody writing.
    assert done.compared is not None
    assert done.compared >= before > 0
    assert rows.index_information() == indexes
    again = rebuild(store, view.projection(database), database, [view.collection])
    assert again.compared == rows.count_documents({})
    assert again.events == sum(commands.saved.values())


def test_from_the_command_line(client: MongoClient[dict[str, Any]]) -> None:
    database = client["vigil_directory"]
    client.drop_database(database.name)
    store = ShardedStore(client, database.name, applications()[database.name])
    commands, runner = Commands("directory", store), CommandRunner(4)
    commands.run(3, 5)

    async def project() -> None:
        view = next(view for view in VIEWS if view.name == "people")
        live = ProjectionRunner(store, view.projection(database), runner, database)
        stop = asyncio.Event()
        task = asyncio.create_task(live.run(stop))
        await live.wait(3, commands.saved[3], 10)
        stop.set()
        await task

    asyncio.run(project())
    runner.close()
    host = f"mongodb://127.0.0.1:{client.address[1] if client.address else 0}/?replicaSet=rs0"

    def vigil(*words: str) -> tuple[int, str]:
        outcome = CliRunner().invoke(main, ["store", "rebuild", *words, "--mongodb-url", host])
        return outcome.exit_code, outcome.output

    code, said = vigil("directory", "people")
    assert code == 0, said
    assert "compared" in said
    database["people"].delete_one({})
    code, said = vigil("directory", "people")
    assert code == 3
    assert "rows differ from the live view" in said
    assert database["people"].count_documents({}) == 9
    code, said = vigil("directory", "people", "--replace")
    assert code == 0, said
    assert database["people"].count_documents({}) == 10
    code, said = vigil("directory", "nothing")
    assert code == 3
    assert "people" in said
