import asyncio
import json
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import nats
import pytest

from vigil.embedded.data_folder import DataFolder
from vigil.embedded.errors import StartFailed
from vigil.embedded.nats_server import EmbeddedNats, NatsUser
from vigil.embedded.probe import answers
from vigil.embedded.process import is_alive, wait_until_gone
from vigil.runner.keeper import State
from vigil.runner.program import Child
from vigil.runner.ready_file import ReadyFile
from vigil.runner.supervisor import Supervisor

MakeChild = Callable[..., Child]


def _children(folder: DataFolder) -> dict[str, int]:
    children: dict[str, int] = json.loads((folder.path / "children.json").read_text())
    return children


async def _restarted(supervisor: Supervisor, name: str, times: int = 1) -> float:
    begun = time.monotonic()
    async with asyncio.timeout(10):
        while True:
            status = supervisor.statuses()[name]
            if status.state is State.READY and status.restarts == times:
                return time.monotonic() - begun
            await asyncio.sleep(0.02)


async def test_servers_come_before_roles_and_all_are_ready(
    folder: DataFolder, make_child: MakeChild
) -> None:
    server = EmbeddedNats(folder, [])
    children = [make_child("capture"), make_child("directory")]
    prepared: list[dict[str, State]] = []

    async def prepare() -> None:
        states = supervisor.statuses().items()
        prepared.append({name: status.state for name, status in states})

    supervisor = Supervisor(folder, [server], children, prepare=prepare)
    try:
        await supervisor.start()
        assert prepared == [
            {"nats": State.READY, "capture": State.WAITING, "directory": State.WAITING}
        ]
        for child in children:
            assert child.health_url is not None
            assert await answers(child.health_url)
        statuses = supervisor.statuses()
        assert {status.state for status in statuses.values()} == {State.READY}
        assert {name: status.pid for name, status in statuses.items()} == _children(folder)
    finally:
        await supervisor.stop()
    assert {status.state for status in supervisor.statuses().values()} == {State.STOPPED}
    assert not (folder.path / "children.json").exists()


async def test_a_role_that_was_killed_is_started_again(
    folder: DataFolder, make_child: MakeChild, said: list[str]
) -> None:
    supervisor = Supervisor(folder, [], [make_child("capture")], say=said.append)
    try:
        await supervisor.start()
        first = _children(folder)["capture"]
        os.kill(first, signal.SIGKILL)
        assert await _restarted(supervisor, "capture") < 5
        second = _children(folder)["capture"]
        assert second != first
        os.kill(second, signal.SIGKILL)
        await _restarted(supervisor, "capture", 2)
    finally:
        await supervisor.stop()
    assert said == ["capture ended with code -9: starting it again."] * 2


async def test_a_server_that_was_killed_comes_back_on_its_port(folder: DataFolder) -> None:
    server = EmbeddedNats(folder, [NatsUser("role", "pw", ["a"], ["_INBOX.>"])])
    supervisor = Supervisor(folder, [server], [])
    back = asyncio.Event()

    async def note() -> None:
        back.set()

    try:
        await supervisor.start()
        client = await nats.connect(
            server.url,
            reconnected_cb=note,
            user="role",
            password="pw",
            reconnect_time_wait=0.1,
            max_reconnect_attempts=-1,
        )
        os.kill(_children(folder)["nats"], signal.SIGKILL)
        await _restarted(supervisor, "nats")
        async with asyncio.timeout(5):
            await back.wait()
        await client.close()
    finally:
        await supervisor.stop()


async def test_roles_are_stopped_in_the_order_given(
    folder: DataFolder, make_child: MakeChild, tmp_path: Path
) -> None:
    names = ["directory", "gateway", "unlisted", "capture", "alerting"]
    supervisor = Supervisor(folder, [], [make_child(name) for name in names])
    await supervisor.start()
    await supervisor.stop()
    stopped = (tmp_path / "notes").read_text().split()
    # The two that take work in are stopped at once, in whichever order they end.
    assert [stopped[0], sorted(stopped[1:3]), *stopped[3:]] == [
        "unlisted",
        ["capture", "gateway"],
        "alerting",
        "directory",
    ]


async def test_a_role_that_does_not_end_is_killed(
    folder: DataFolder, make_child: MakeChild, tmp_path: Path
) -> None:
    supervisor = Supervisor(folder, [], [make_child("capture", "stubborn")], stop_within=0.3)
    await supervisor.start()
    pid = _children(folder)["capture"]
    await supervisor.stop()
    assert (tmp_path / "notes").read_text() == "capture\n"
    assert not is_alive(pid)


async def test_what_a_role_started_ends_with_it(
    folder: DataFolder, make_child: MakeChild, tmp_path: Path
) -> None:
    supervisor = Supervisor(folder, [], [make_child("capture", "parent")])
    try:
        await supervisor.start()
        grandchild = int((tmp_path / "notes.grandchild").read_text())
        assert is_alive(grandchild)
        os.kill(_children(folder)["capture"], signal.SIGKILL)
        await _restarted(supervisor, "capture")
        assert wait_until_gone([grandchild], 1) == []
    finally:
        await supervisor.stop()


async def test_a_role_that_cannot_start_is_named_with_its_log_and_all_is_stopped(
    folder: DataFolder, make_child: MakeChild
) -> None:
    good, broken = make_child("gateway"), make_child("capture", "broken")
    supervisor = Supervisor(folder, [EmbeddedNats(folder, [])], [good, broken])
    with pytest.raises(StartFailed) as failed:
        await supervisor.run(lambda: pytest.fail("it is not ready"))
    assert str(failed.value) == (
        "capture ended with code 1. Its log ends:\nthis role cannot start: no such setting"
    )
    assert all(status.pid is None for status in supervisor.statuses().values())


async def test_a_role_that_is_never_ready_is_named(
    folder: DataFolder, make_child: MakeChild
) -> None:
    late = make_child("evaluation", "never-ready")
    supervisor = Supervisor(folder, [], [late], ready_within=0.5)
    with pytest.raises(StartFailed, match=r"evaluation was not ready after 0\.5 seconds\."):
        await supervisor.run()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
async def test_a_signal_stops_everything(
    folder: DataFolder, make_child: MakeChild, tmp_path: Path, number: signal.Signals
) -> None:
    ready = ReadyFile(tmp_path / "ready.json")
    supervisor = Supervisor(folder, [], [make_child("capture")])

    def when_ready() -> None:
        ready.write({"url": "http://127.0.0.1"})
        assert json.loads((tmp_path / "ready.json").read_text()) == {"url": "http://127.0.0.1"}
        signal.raise_signal(number)

    await supervisor.run(when_ready, ready.remove)
    assert not (tmp_path / "ready.json").exists()
    assert (tmp_path / "notes").read_text() == "capture\n"


async def test_a_stop_is_obeyed_while_starting(folder: DataFolder, make_child: MakeChild) -> None:
    supervisor = Supervisor(folder, [], [make_child("capture", "never-ready")])
    asyncio.get_running_loop().call_later(0.3, supervisor.request_stop)
    await asyncio.wait_for(supervisor.run(lambda: pytest.fail("it is not ready")), 5)
    assert supervisor.statuses()["capture"].pid is None


async def test_a_second_request_does_not_wait(folder: DataFolder, make_child: MakeChild) -> None:
    supervisor = Supervisor(folder, [], [make_child("capture", "stubborn")], stop_within=60)
    loop = asyncio.get_running_loop()

    def ask_twice() -> None:
        supervisor.request_stop()
        loop.call_later(0.3, supervisor.request_stop)

    await asyncio.wait_for(supervisor.run(ask_twice), 10)
    assert supervisor.statuses()["capture"].state is State.STOPPED
