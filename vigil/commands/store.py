"""``vigil store``: back up and restore every role's database, and rebuild a view."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import click

from chassis.store.backup import backup as take
from chassis.store.backup_files import Manifest
from chassis.store.errors import BackupError
from chassis.store.replay import replay_backup
from chassis.store.restore import restore as put_back
from chassis.store.restore import verify as check
from vigil.commands.databases import client_of, connecting, in_sentences, quiet_option
from vigil.commands.rebuild_view import rebuild
from vigil.system.databases import role_databases
from vigil.system.stores import applications

MASTER_KEY = "secrets/directory/master_key"

_folder = click.argument("folder", type=click.Path(file_okay=False, path_type=Path))


@click.group()
def store() -> None:
    """Back up, restore and check the databases of all roles, and rebuild a view."""


store.add_command(rebuild)


@store.command()
@_folder
@connecting
@in_sentences
def backup(
    folder: Path,
    data: Path,
    mongodb_url: str | None,
    user: str | None,
    password_file: Path | None,
    quiet: bool,
) -> None:
    """Back up every role's database into FOLDER, as of one moment, while all of them work.

    The master key that opens people's keys is not in it, nor are NATS's streams.
    """
    with client_of(data, mongodb_url, user, password_file, running=True) as client:
        databases = role_databases(client)
        if not databases:
            raise BackupError("There is no database vigil_* on this server.")
        manifest = take(client, databases, folder, _progress(quiet))
    click.echo(_summary(manifest, "Backed up"))
    click.echo(f"Keep the system's {MASTER_KEY} elsewhere: without it nothing sealed opens again.")


@store.command()
@_folder
@connecting
@in_sentences
def restore(
    folder: Path,
    data: Path,
    mongodb_url: str | None,
    user: str | None,
    password_file: Path | None,
    quiet: bool,
) -> None:
    """Put the backup in FOLDER into empty databases, and read back what was put there.

    The system must be stopped, and its NATS must be new: streams that know more than the backup
    would have other events under the same positions.
    """
    if mongodb_url is None and (data / "nats").is_dir():
        raise BackupError(
            f"The data folder {data} has streams of its own, which would not fit what is restored: "
            f"name a new data folder, with a copy of {MASTER_KEY}."
        )
    with client_of(data, mongodb_url, user, password_file, running=False) as client:
        manifest = put_back(folder, client, _progress(quiet))
    click.echo(_summary(manifest, "Restored"))
    if mongodb_url is None and not (data / MASTER_KEY).exists():
        click.echo(f"Now bring back {data / MASTER_KEY}, before the system starts.")


@store.command()
@_folder
@click.option("--replay/--no-replay", default=True, help="Apply every event, as a service would.")
@quiet_option
@in_sentences
def verify(folder: Path, replay: bool, quiet: bool) -> None:
    """Check that the backup in FOLDER is whole, and that this release can read its events."""
    manifest = check(folder, _progress(quiet))
    if replay:
        for database, collection, shard in replay_backup(folder, applications()):
            if not quiet:
                click.echo(
                    f"{database}.{collection}: position {shard.position}, "
                    f"{shard.aggregates} aggregates, state {shard.digest[:16]}"
                )
    click.echo(_summary(manifest, "Whole"))


def _progress(quiet: bool) -> Callable[[str, int], None]:
    def say(place: str, documents: int) -> None:
        if not quiet:
            click.echo(f"{place}: {documents} documents")

    return say


def _summary(manifest: Manifest, what: str) -> str:
    at = datetime.fromtimestamp(manifest.taken_at_ms / 1000, UTC).isoformat(timespec="seconds")
    size = sum(one.bytes for one in manifest.kept) / 1_000_000
    return (
        f"{what}: {len(manifest.databases)} databases, {manifest.documents} documents, "
        f"{size:.1f} MB, as of {at}."
    )
