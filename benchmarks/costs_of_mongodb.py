"""What a journaled majority costs: the same commits through the recorder, two ways."""

import threading
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from secrets import token_bytes
from uuid import uuid4

from eventsourcing.persistence import StoredEvent
from progress import say
from pymongo import WriteConcern
from rounds import Compared, add, compared

from chassis.store.application_recorder import MongoApplicationRecorder
from chassis.store.client import connect
from chassis.store.handles import Handles, handles
from services.policy.incidents.application.store import IncidentsApplication
from services.policy.incidents.domain.fence import Fence
from services.policy.incidents.domain.finding import JoinedFinding
from services.policy.incidents.domain.incident import Incident
from services.policy.incidents.domain.slot import Slot
from vigil.embedded.data_folder import DataFolder
from vigil.embedded.mongod import EmbeddedMongod
from vigil.system.roles import database_of
from vigil.system.secrets import mongo_users

ROLE = "incidents"
TIMES = 40
WRITERS = (1, 16)
CONTEXT_BYTES = 6_600
"""Twenty activities around a finding, sealed."""

Commit = Sequence[StoredEvent]


def opened_incidents(number: int) -> list[Commit]:
    """Commits as incidents makes them: incident, slot and fence of a new person each."""
    application = IncidentsApplication()
    commits: list[Commit] = []
    for _ in range(number):
        finding, at = _finding(), datetime.now(UTC)
        incident = Incident.open(
            school_id="school-1",
            person_id=str(uuid4()),
            family="harm_to_self",
            year_group=9,
            finding=finding,
            at=at,
        )
        slot = Slot.make(
            school_id="school-1",
            person_id=incident.person_id,
            family=incident.family,
            incident_id=str(incident.id),
            at=at,
        )
        fence = Fence.passing(
            school_id="school-1",
            finding_id=finding.finding_id,
            incident_id=str(incident.id),
            at=at,
        )
        events = [event for a in (incident, slot, fence) for event in a.collect_events()]
        commits.append([application.mapper.to_stored_event(event) for event in events])
    return commits


def _finding() -> JoinedFinding:
    now = int(time.time() * 1000)
    return JoinedFinding(
        finding_id=str(uuid4()),
        activity_id=str(uuid4()),
        activity_kind="text_typed",
        theme="suicide",
        severity=5,
        confidence=0.99,
        rule_id="en_gb.suicide.0002",
        evaluation_hash=uuid4().hex * 2,
        device_id=str(uuid4()),
        occurred_at_ms=now,
        received_at_ms=now,
        offline=False,
        four_c="content",
        intent="intent",
        key_id=str(uuid4()),
        sealed=token_bytes(900),
        context=token_bytes(CONTEXT_BYTES),
        context_count=20,
    )


def _round(recorder: MongoApplicationRecorder, writers: int) -> float:
    """Microseconds a commit, with so many threads that commit one after the other."""
    shares = [opened_incidents(TIMES // writers) for _ in range(writers)]

    def commit(share: list[Commit]) -> None:
        for events in share:
            recorder.insert_events(events)

    threads = [threading.Thread(target=commit, args=(share,)) for share in shares]
    started = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return (time.perf_counter() - started) / sum(map(len, shares)) * 1e6


def _unsafe(commits: Handles) -> Handles:
    """The same collection, acknowledged before the journal and by the primary alone."""
    return replace(
        commits, write=commits.plain.with_options(write_concern=WriteConcern(1, j=False))
    )


async def measure(folder: Path, rounds: int) -> list[Compared]:
    """Microseconds a commit of an opened incident."""
    say(f"costs of MongoDB: {rounds} rounds")
    async with AsyncExitStack() as stack:
        data = DataFolder(folder / "mongo")
        data.lock()
        stack.callback(data.unlock)
        users = mongo_users(data)
        server = EmbeddedMongod(data, users)
        await server.start()
        stack.push_async_callback(server.stop)
        password = next(user.password for user in users if user.name == ROLE)
        client = connect(server.url, username=ROLE, password=password, authSource="admin")
        stack.callback(client.close)
        database = client[database_of(ROLE)]
        ways = {
            "safe": MongoApplicationRecorder(handles(database, "bench_journaled")),
            "plain": MongoApplicationRecorder(_unsafe(handles(database, "bench_unsafe"))),
        }
        results = []
        for writers in WRITERS:
            seen: dict[str, list[float]] = {}
            for recorder in ways.values():
                _round(recorder, writers)
            for _ in range(rounds):
                add(seen, {name: _round(recorder, writers) for name, recorder in ways.items()})
            what = f"majority and journal / primary's memory, {writers} committing"
            results.append(compared(what, seen, "safe", "plain"))
        return results
