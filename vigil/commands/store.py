"""``vigil store``: back up every role's database, bring it back, and check a backup."""

import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
from pymongo import MongoClient
from pymongo.errors import PyMongoError

from chassis.store.backup import backup as take
from chassis.store.backup_files import Manifest
from chassis.store.batches import PoisonedEventError
from chassis.store.documents import Document
from chassis.store.errors import BackupError
from chassis.store.replay import replay_backup
from chassis.store.restore import restore as put_back
from chassis.store.restore import verify as check
from vigil.commands.asking import RefusedCommand, data_option
from vigil.embedded.errors import EmbeddedError
from vigil.system.databases import Server, in_folder, on_server, role_databases
from vigil.system.stores import applications

MASTER_KEY = "secrets/directory/master_key"

_url = click.option("--mongodb-url", envvar="MONGODB_URL", help="A server of one's own.")
_user = click.option("--user", help="Its user who may do so with all databases vigil_*.")
_password = click.option(
    "--password-file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="File that holds the user's password.",
)
_folder = click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
_quiet = click.option("--quiet", is_flag=True, help="Say only how it ended.")

Command = Callable[..., None]


def _connecting(command: Command) -> Command:
    """Give ``command`` the options that say where the databases are."""
    for option in (_quiet, _password, _user, _url, data_option):
        command = option(command)
    return command


def _in_sentences(command: Command) -> Command:
    """End ``command`` with the sentence of what went wrong."""

    @functools.wraps(command)
    def wrapped(*args: Any, **options: Any) -> None:
        try:
            command(*args, **options)
        except (BackupError, EmbeddedError, PoisonedEventError) as error:
            raise RefusedCommand(str(error)) from error
        except PyMongoError as error:
            raise RefusedCommand(f"MongoDB: {error}") from error
        except OSError as error:
            raise RefusedCommand(f"{error.strerror}: {error.filename}") from error

    return wrapped


@click.group()
def store() -> None:
    """Back up, restore and check the databases of all roles."""


@store.command()
@_folder
@_connecting
@_in_sentences
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
    with _client(data, mongodb_url, user, password_file, running=True) as client:
        databases = role_databases(client)
        if not databases:
            raise BackupError("There is no database vigil_* on this server.")
        manifest = take(client, databases, folder, _progress(quiet))
    click.echo(_summary(manifest, "Backed up"))
    click.echo(f"Keep the system's {MASTER_KEY} elsewhere: without it nothing sealed opens again.")


@store.command()
@_folder
@_connecting
@_in_sentences
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
    with _client(data, mongodb_url, user, password_file, running=False) as client:
        manifest = put_back(folder, client, _progress(quiet))
    click.echo(_summary(manifest, "Restored"))
    if mongodb_url is None and not (data / MASTER_KEY).exists():
        click.echo(f"Now bring back {data / MASTER_KEY}, before the system starts.")


@store.command()
@_folder
@click.option("--replay/--no-replay", default=True, help="Apply every event, as a service would.")
@_quiet
@_in_sentences
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


@contextmanager
def _client(
    data: Path, url: str | None, user: str | None, password_file: Path | None, *, running: bool
) -> Iterator[MongoClient[Document]]:
    if url is None:
        with in_folder(data, running=running) as client:
            yield client
        return
    password = None if password_file is None else password_file.read_text().strip()
    with on_server(Server(url, user, password)) as client:
        yield client


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
