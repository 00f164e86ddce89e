"""Put one machine's system together: servers, roles, and where they are found."""

import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path

from contracts.registry import OPERATOR
from vigil.connection import OPERATOR_FILE
from vigil.embedded.data_folder import DataFolder, Say
from vigil.embedded.private_files import write_private
from vigil.runner.program import Child
from vigil.runner.servers import choose_servers
from vigil.runner.smtp_child import mail_folder, smtp_child
from vigil.runner.supervisor import Supervisor
from vigil.system.environment import Addresses, addresses, environment
from vigil.system.provision import provision_server
from vigil.system.roles import ROLES
from vigil.system.secrets import (
    mongo_users,
    nats_password,
    nats_users,
    secrets_dir,
    trust_file,
)


@dataclass(frozen=True)
class System:
    """A system ready to be started. ``found_at`` is what ``--ready-file`` holds."""

    folder: DataFolder
    supervisor: Supervisor
    at: Addresses
    found_at: dict[str, str]

    @property
    def mail(self) -> Path:
        """The Maildir of the demo's SMTP server."""
        return mail_folder(self.folder)

    def announce(self) -> None:
        """Leave word in the data folder for the other commands."""
        operator = {
            **self.found_at,
            "nats_url": self.at.nats_url,
            "secrets_dir": str(secrets_dir(self.folder, OPERATOR)),
            "trust_file": str(self.at.trust),
        }
        write_private(self.folder.path / OPERATOR_FILE, json.dumps(operator, indent=2).encode())

    def withdraw(self) -> None:
        """Take the word back."""
        (self.folder.path / OPERATOR_FILE).unlink(missing_ok=True)


def compose(
    data: Path,
    *,
    port: int | None = None,
    trace: bool = False,
    overrides: dict[str, dict[str, str]] | None = None,
    say: Say = print,
) -> System:
    """Lock the data folder and put everything together; nothing is started yet.

    ``overrides`` adds settings to roles. Own servers are used where NATS_URL or MONGODB_URL is
    set. Raises EmbeddedError with a sentence.
    """
    folder = DataFolder(data, say=say)
    folder.lock()
    trust = trust_file(folder)
    servers = choose_servers(
        folder,
        nats_users(folder),
        mongo_users(folder),
        external_nats=os.environ.get("NATS_URL"),
        external_mongodb=os.environ.get("MONGODB_URL"),
    )
    at = addresses(
        folder,
        servers.nats_url,
        servers.mongodb_url,
        trust,
        port=port,
        otlp_endpoint=os.environ.get("OTLP_ENDPOINT", ""),
        trace=trace,
    )
    children = [
        Child(
            name=role.name,
            argv=(sys.executable, "-m", role.module),
            env=environment(folder, role, at) | (overrides or {}).get(role.name, {}),
            health_url=f"http://127.0.0.1:{at.health_ports[role.name]}/readyz",
            log_path=folder.log_path(role.name),
        )
        for role in ROLES
    ]

    async def prepare() -> None:
        await provision_server(servers.nats_url, nats_password(folder, "provisioner"))

    supervisor = Supervisor(
        folder,
        servers.embedded,
        [*children, smtp_child(folder, environment(folder, ROLES[0], at))],
        prepare=prepare,
        say=say,
    )
    gateway = f"http://127.0.0.1:{at.http_ports['gateway']}"
    return System(
        folder,
        supervisor,
        at,
        {
            "graphql": f"{gateway}/graphql",
            "capture": f"http://127.0.0.1:{at.http_ports['capture']}",
            "feed": f"{gateway}/v1/events",
            "nats": servers.nats_url,
            "mongodb": servers.mongodb_url,
        },
    )
