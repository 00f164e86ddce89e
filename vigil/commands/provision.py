"""``vigil provision``: streams and consumers on a NATS server of one's own."""

import asyncio
from pathlib import Path

import click

from vigil.system.provision import provision_server, read_password


@click.command()
@click.option("--nats-url", envvar="NATS_URL", required=True, help="Or $NATS_URL.")
@click.option(
    "--secrets-dir",
    envvar="SECRETS_DIR",
    required=True,
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder with the provisioner's nats_password (or $SECRETS_DIR).",
)
@click.option(
    "--replicas",
    envvar="STREAM_REPLICAS",
    default=1,
    show_default=True,
    help="Copies of each stream (or $STREAM_REPLICAS).",
)
def provision(nats_url: str, secrets_dir: Path, replicas: int) -> None:
    """Make the server's streams and consumers equal to the registry's. Safe to run again."""
    asyncio.run(provision_server(nats_url, read_password(secrets_dir), replicas=replicas))
    click.echo("Streams and consumers are in place.")
