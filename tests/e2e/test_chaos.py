"""Nothing that was accepted is lost or doubled, whatever is killed and whenever."""

import contextlib
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from chaos_run import (
    Killer,
    Outcome,
    batches_stored,
    chosen_posts,
    findings_joined,
    findings_published,
    mails_of,
    make_school,
    opened_in_feed,
    outcome,
    replay,
)
from nats_access import await_idle, stored
from school_under_test import School, activity
from system_under_test import ROLES, SystemUnderTest
from waiting import eventually

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(280)]

OVER_S = 25.0
VICTIMS = (
    *("evaluation", "nats", "incidents", "mongod", "capture"),
    *("alerting", "directory", "reporting", "gateway"),
)


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SystemUnderTest]:
    """A Vigil to be ill-treated."""
    running = SystemUnderTest(tmp_path_factory.mktemp("chaos"))
    try:
        yield running.start()
    finally:
        running.kill_runner()


@pytest.fixture(scope="module")
def calm(system: SystemUnderTest, tmp_path_factory: pytest.TempPathFactory) -> School:
    """A school whose day nothing disturbed."""
    told = chosen_posts()
    school = make_school(system, "calm", tmp_path_factory.mktemp("calm"), told)
    replay(school, told, over_s=0)
    await_idle(system)
    return school


@pytest.fixture(scope="module")
def storm(
    system: SystemUnderTest, calm: School, tmp_path_factory: pytest.TempPathFactory
) -> School:
    """The same day in another school, while everything is killed once."""
    assert calm.inbox()
    told = chosen_posts()
    school = make_school(system, "storm", tmp_path_factory.mktemp("storm"), told)
    before = system.pids()
    killer = Killer(system, VICTIMS, OVER_S)
    killer.start()
    replay(school, told, over_s=OVER_S)
    killer.join()
    assert killer.killed == {victim: before[victim] for victim in VICTIMS}
    system.await_ready()
    await_idle(system, within_s=90)
    return school


def _settled(school: School) -> Outcome:
    """Views and mails follow the streams a moment later."""
    wanted = len(findings_published(school))
    eventually(
        "the inbox shows every finding",
        lambda: sum(incident["findingCount"] for incident in school.inbox()) == wanted,
    )
    return outcome(school)


def test_every_accepted_batch_is_stored_once(storm: School) -> None:
    there = batches_stored(storm)
    assert sorted(there) == sorted(post.batch_id for post in chosen_posts())


def test_what_was_found_is_the_same(calm: School, storm: School) -> None:
    undisturbed, disturbed = _settled(calm), _settled(storm)
    assert len(undisturbed.incidents) >= 15
    assert disturbed.incidents == undisturbed.incidents
    assert disturbed.counted == undisturbed.counted
    assert disturbed.counted.total() == len(disturbed.incidents)


def test_each_finding_is_told_once(storm: School) -> None:
    joined = findings_joined(storm)
    assert len(joined) == len(set(joined))
    assert set(joined) == findings_published(storm)


def test_a_mail_comes_again_under_its_own_id_only(calm: School, storm: School) -> None:
    for school in (calm, storm):
        serious = [incident for incident in school.inbox() if incident["severity"] >= 3]

        def all_told(school: School = school, serious: list[dict[str, str]] = serious) -> bool:
            links = {link.rpartition("/")[2] for _, link in mails_of(school)}
            return links == {incident["id"] for incident in serious}

        eventually("the lead was told of every serious incident", all_told)
        assert all(len(ids) == 1 for ids in mails_of(school).values())


def test_integrators_hear_of_each_incident_under_one_id(storm: School) -> None:
    opened = opened_in_feed(storm)
    assert opened.keys() == {incident["id"] for incident in storm.inbox()}
    assert all(len(ids) == 1 for ids in opened.values())


def test_nothing_was_put_aside(system: SystemUnderTest, storm: School) -> None:
    assert storm.inbox()
    assert stored(system, "DEAD") == []


def test_a_second_runner_in_the_folder_is_told_why_not(
    system: SystemUnderTest, storm: School
) -> None:
    refused = system.run("up")
    assert refused.returncode == 3
    assert f"in use by process {system.runner_pid}" in refused.stderr
    assert "Traceback" not in refused.stderr
    assert storm.inbox()


def _processes_in(folder: Path) -> dict[int, str]:
    """Processes that were started for the data folder, the dead that nobody has buried aside."""
    found = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            # It may end while it is looked at.
            with contextlib.suppress(OSError):
                about = (entry / "cmdline").read_bytes() + (entry / "environ").read_bytes()
                if str(folder).encode() in about:
                    found[int(entry.name)] = about[:100].decode(errors="replace")
    return found


def test_a_killed_runner_leaves_no_process_and_loses_nothing(
    system: SystemUnderTest, calm: School, storm: School
) -> None:
    before = {school.slug: outcome(school) for school in (calm, storm)}
    assert len(_processes_in(system.data)) > len(ROLES)
    mails = len(system.mails())
    os.kill(system.runner_pid, signal.SIGKILL)
    system.kill_runner()
    eventually("all are gone", lambda: not _processes_in(system.data), within_s=15)

    system.start()
    assert {school.slug: _settled(school) for school in (calm, storm)} == before
    assert len(system.mails()) == mails
    login = "24.new.arrival"
    device = next(iter(calm.devices))
    calm.report(device, activity(login, "i want to kill myself tonight"))
    eventually(
        "a new incident is opened",
        lambda: len(calm.inbox()) == len(before["calm"].incidents) + 1,
    )
