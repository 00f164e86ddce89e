"""A whole runner in small, to be killed: both servers, SMTP and one role."""

import asyncio
import os
import sys
from pathlib import Path
from typing import Any

import nats
from pymongo import AsyncMongoClient

from vigil.embedded.data_folder import DataFolder
from vigil.embedded.errors import DataFolderInUse
from vigil.embedded.mongo_set_up import MongoUser
from vigil.embedded.nats_server import NatsUser
from vigil.runner.program import Child
from vigil.runner.ready_file import ReadyFile
from vigil.runner.servers import Servers, choose_servers
from vigil.runner.smtp_child import smtp_child
from vigil.runner.supervisor import Supervisor


async def count_starts(servers: Servers) -> tuple[int, int]:
    """Leave a mark in both servers, and return how many are there."""
    client = await nats.connect(servers.nats_url, user="role", password="pw")
    stream = client.jetstream()
    await stream.add_stream(name="STARTS", subjects=["starts.>"])
    await stream.publish("starts.one", b"")
    in_nats = (await stream.stream_info("STARTS")).state.messages
    await client.close()
    mongo: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(
        servers.mongodb_url, username="role", password="pw"
    )
    async with mongo:
        await mongo.own.starts.insert_one({"mark": 1})
        return in_nats, await mongo.own.starts.count_documents({})


async def main(path: Path, ready: ReadyFile) -> None:
    folder = DataFolder(path)
    folder.lock()
    servers = choose_servers(
        folder,
        [NatsUser("role", "pw", ["starts.>", "$JS.API.>"], ["_INBOX.>"])],
        [MongoUser("role", "pw", ["own"])],
    )
    port = folder.port("role")
    script = Path(__file__).parent / "http_child.py"
    role = Child(
        "role",
        [sys.executable, str(script), "role", str(port), str(path / "notes"), "good"],
        {},
        f"http://127.0.0.1:{port}/readyz",
        folder.log_path("role"),
    )
    counts: list[int] = []

    async def prepare() -> None:
        counts.extend(await count_starts(servers))

    supervisor = Supervisor(
        folder, servers.embedded, [role, smtp_child(folder, dict(os.environ))], prepare=prepare
    )
    await supervisor.run(lambda: ready.write({"starts": counts}), ready.remove)


if __name__ == "__main__":
    try:
        asyncio.run(main(Path(sys.argv[1]), ReadyFile(Path(sys.argv[2]))))
    except DataFolderInUse as error:
        sys.exit(str(error))
