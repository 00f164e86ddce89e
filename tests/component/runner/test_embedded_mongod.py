import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from pymongo import AsyncMongoClient
from pymongo.errors import OperationFailure

from vigil.embedded.data_folder import DataFolder
from vigil.embedded.errors import MissingLibrary, MissingServer
from vigil.embedded.mongo_set_up import MongoUser, SetUpRefused
from vigil.embedded.mongod import EmbeddedMongod, check_program

USERS = (
    MongoUser("incidents", "pw-incidents", ["incidents", "incidents-views"]),
    MongoUser("alerting", "pw-alerting", ["alerting"]),
)


@pytest.fixture
async def server(folder: DataFolder) -> AsyncIterator[EmbeddedMongod]:
    server = EmbeddedMongod(folder, USERS)
    await server.start()
    yield server
    await server.stop()


def _client(
    server: EmbeddedMongod, user: str | None, password: str | None
) -> AsyncMongoClient[dict[str, Any]]:
    return AsyncMongoClient(
        server.url, username=user, password=password, serverSelectionTimeoutMS=3000
    )


def _hang_up(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.close()


async def test_a_user_reaches_its_databases_and_no_others(server: EmbeddedMongod) -> None:
    async with _client(server, "incidents", "pw-incidents") as own:
        await own["incidents"].commits.insert_one({"_id": 1})
        await own["incidents-views"].inbox.insert_one({"_id": 1})
        for foreign in ("alerting", "admin", "local", "config"):
            with pytest.raises(OperationFailure) as refused:
                await own[foreign].anything.insert_one({})
            assert refused.value.code == 13
            with pytest.raises(OperationFailure):
                await own[foreign].anything.find_one()


@pytest.mark.parametrize(
    ("user", "password", "code"),
    [("incidents", "wrong", 18), ("nobody", "pw", 18), (None, None, 13)],
)
async def test_who_has_no_right_password_is_refused(
    server: EmbeddedMongod, user: str | None, password: str | None, code: int
) -> None:
    async with _client(server, user, password) as client:
        with pytest.raises(OperationFailure) as refused:
            await client["incidents"].commits.find_one()
        assert refused.value.code == code


async def test_the_localhost_exception_is_closed(server: EmbeddedMongod) -> None:
    async with _client(server, None, None) as client:
        with pytest.raises(OperationFailure) as refused:
            await client.admin.command("createUser", "intruder", pwd="x", roles=["root"])
        assert refused.value.code == 13


async def test_data_outlives_restart_kill_and_a_move_to_another_port(
    server: EmbeddedMongod, folder: DataFolder, said: list[str]
) -> None:
    async with _client(server, "incidents", "pw-incidents") as own:
        await own["incidents"].commits.insert_one({"_id": 7})
    await server.restart()
    server.kill()
    assert await server.exited() == -9
    await server.start()
    await server.stop()
    folder.unlock()

    again = DataFolder(folder.path, said.append)
    again.lock()
    changed = (MongoUser("incidents", "pw-new", ["incidents"]),)
    async with await asyncio.start_server(_hang_up, "127.0.0.1", server.port):
        moved = EmbeddedMongod(again, changed)
        await moved.start()
    try:
        (sentence,) = said
        assert sentence == (
            f"Port {server.port}, kept for mongod, is taken by another program: "
            f"mongod now uses port {moved.port}."
        )
        async with _client(moved, "incidents", "pw-new") as own:
            assert await own["incidents"].commits.find_one() == {"_id": 7}
            with pytest.raises(OperationFailure):
                await own["incidents-views"].inbox.find_one()
        async with _client(moved, "alerting", "pw-alerting") as dropped:
            with pytest.raises(OperationFailure):
                await dropped["alerting"].plans.find_one()
    finally:
        await moved.stop()
        again.unlock()


@pytest.mark.parametrize("seconds", [0.3, 0.5, 0.6])
async def test_a_first_start_cut_short_is_finished_by_the_next(
    folder: DataFolder, seconds: float
) -> None:
    server = EmbeddedMongod(folder, USERS)
    server.spawn()
    with suppress(TimeoutError):
        await asyncio.wait_for(server.ready(), seconds)
    server.kill()
    await server.exited()
    try:
        await server.start()
        async with _client(server, "alerting", "pw-alerting") as own:
            await own["alerting"].plans.insert_one({})
    finally:
        await server.stop()


def test_root_is_not_given_away(folder: DataFolder) -> None:
    with pytest.raises(ValueError, match="root is the runner's own"):
        EmbeddedMongod(folder, [MongoUser("root", "pw", ["admin"])])


async def test_data_with_other_secrets_is_refused_in_a_sentence(
    server: EmbeddedMongod, folder: DataFolder
) -> None:
    await server.stop()
    folder.secret_path("mongod", "root-password").unlink()
    stranger = EmbeddedMongod(folder, USERS)
    with pytest.raises(SetUpRefused, match=r"secrets/mongod/root-password"):
        await stranger.start()
    await stranger.stop()


def _fake(path: Path, script: str) -> Path:
    path.write_text(script)
    path.chmod(0o755)
    return path


async def test_a_missing_library_is_named_with_the_line_that_installs_it(
    folder: DataFolder, tmp_path: Path
) -> None:
    program = _fake(
        tmp_path / "mongod",
        "#!/bin/sh\n"
        'echo "$0: error while loading shared libraries: libcurl.so.4: '
        'cannot open shared object file: No such file or directory" >&2\n'
        "exit 127\n",
    )
    with pytest.raises(MissingLibrary) as missing:
        await EmbeddedMongod(folder, USERS, program=program).start()
    assert str(missing.value) == (
        "mongod needs the system library libcurl.so.4: install it with: "
        "sudo apt-get install -y libcurl4, or set MONGODB_URL to a server of your own."
    )


def test_another_kind_of_machine_is_told_to_bring_its_own_server(tmp_path: Path) -> None:
    foreign = _fake(tmp_path / "foreign", "\x7fELF for another machine")
    with pytest.raises(MissingServer, match=r"Linux on x86-64.*set MONGODB_URL"):
        check_program(foreign)
    old = _fake(tmp_path / "old", "#!/bin/sh\necho 'GLIBC_2.34 not found' >&2\nexit 1\n")
    with pytest.raises(MissingServer, match=r"GLIBC_2.34 not found.*set MONGODB_URL"):
        check_program(old)
