"""What the commands on databases have in common: where these are, and errors as sentences."""

import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
from pymongo import MongoClient
from pymongo.errors import PyMongoError

from chassis.store.batches import PoisonedEventError
from chassis.store.documents import Document
from chassis.store.errors import BackupError, HeldError, RebuildError
from vigil.commands.asking import RefusedCommand, data_option
from vigil.embedded.errors import EmbeddedError
from vigil.system.databases import Server, in_folder, on_server

_url = click.option("--mongodb-url", envvar="MONGODB_URL", help="A server of one's own.")
_user = click.option("--user", help="Its user who may do so with all databases vigil_*.")
_password = click.option(
    "--password-file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="File that holds the user's password.",
)
quiet_option = click.option("--quiet", is_flag=True, help="Say only how it ended.")

Command = Callable[..., None]


def connecting(command: Command) -> Command:
    """Give ``command`` the options that say where the databases are."""
    for option in (quiet_option, _password, _user, _url, data_option):
        command = option(command)
    return command


def in_sentences(command: Command) -> Command:
    """End ``command`` with the sentence of what went wrong."""

    @functools.wraps(command)
    def wrapped(*args: Any, **options: Any) -> None:
        try:
            command(*args, **options)
        except (BackupError, EmbeddedError, PoisonedEventError, RebuildError) as error:
            raise RefusedCommand(str(error)) from error
        except HeldError as error:
            raise RefusedCommand(error.message) from error
        except PyMongoError as error:
            raise RefusedCommand(f"MongoDB: {error}") from error
        except OSError as error:
            raise RefusedCommand(f"{error.strerror}: {error.filename}") from error

    return wrapped


@contextmanager
def client_of(
    data: Path, url: str | None, user: str | None, password_file: Path | None, *, running: bool
) -> Iterator[MongoClient[Document]]:
    """A client of the server named, else of the data folder's own; see ``in_folder``."""
    if url is None:
        with in_folder(data, running=running) as client:
            yield client
        return
    password = None if password_file is None else password_file.read_text().strip()
    with on_server(Server(url, user, password)) as client:
        yield client
