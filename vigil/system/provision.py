"""Create the streams and consumers as the provisioner, the one user who may."""

from pathlib import Path

import nats

from chassis.bus.permissions import PROVISIONER
from chassis.bus.provision import provision
from contracts.registry import REGISTRY


async def provision_server(url: str, password: str, *, replicas: int = 1) -> None:
    """Make the server's streams and consumers equal to the registry's."""
    nc = await nats.connect(
        url,
        name=PROVISIONER,
        user=PROVISIONER,
        password=password,
        inbox_prefix=f"_INBOX.{PROVISIONER}".encode(),
    )
    try:
        await provision(nc.jetstream(timeout=30), REGISTRY, replicas=replicas)
    finally:
        await nc.close()


def read_password(secrets_dir: Path) -> str:
    """The provisioner's password from a folder of secret files."""
    return (secrets_dir / "nats_password").read_text().strip()
