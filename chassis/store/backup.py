"""Backs up databases with stores, as of one moment, while they are used."""

import re
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from bson.raw_bson import RawBSONDocument
from pymongo import MongoClient
from pymongo.client_session import ClientSession
from pymongo.errors import OperationFailure

from chassis.store.backup_files import (
    Digest,
    Kept,
    Manifest,
    Say,
    raw_collection,
    silent,
    write_documents,
    write_manifest,
)
from chassis.store.documents import Document
from chassis.store.errors import BackupError
from chassis.store.handles import MAJORITY

COMMITS = re.compile(r"commits_\d{2}")
_LEFT_OUT = re.compile(r"system\..*|.*__rebuild_[0-9a-f]{12}")
_SNAPSHOT_UNAVAILABLE = 246
_SNAPSHOT_TOO_OLD = 239
_TRIES = 5


def backup(
    client: MongoClient[Document], databases: Sequence[str], folder: Path, say: Say = silent
) -> Manifest:
    """Back up ``databases`` into ``folder``, all as of one moment, while they are used.

    Whatever changes is read in one snapshot across all databases, and with it how far each shard
    has come; the commits up to there, which never change, are read afterwards. So keys, views and
    positions fit the commits and each other. Reading the snapshot must end within the server's
    ``minSnapshotHistoryWindowInSeconds``, five minutes unless set.
    Raises BackupError; ``folder`` must be new or empty.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise BackupError(f"{folder} is not empty: name a new folder.")
    taken_at_ms = int(time.time() * 1000)
    kept, heads = _changing(client, databases, folder, say)
    for (database, name), last in heads.items():
        commits = raw_collection(client, database, name).with_options(read_concern=MAJORITY)
        wanted = commits.find({"_id": {"$lte": last}}, sort=[("_id", 1)])
        one = _keep(client, database, name, folder, wanted)
        kept.append(one)
        say(one.file, one.documents)
    manifest = Manifest(taken_at_ms, sorted(kept, key=lambda one: one.file))
    write_manifest(folder, manifest)
    return manifest


def _changing(
    client: MongoClient[Document], databases: Sequence[str], folder: Path, say: Say
) -> tuple[list[Kept], Mapping[tuple[str, str], int]]:
    """Everything but commits, and the id of each shard's last commit, of one moment."""
    for attempt in range(_TRIES):
        try:
            with client.start_session(snapshot=True) as session:
                return _in_snapshot(client, session, databases, folder, say)
        except OperationFailure as error:
            if error.code == _SNAPSHOT_TOO_OLD:
                raise BackupError(
                    "Reading took longer than the server remembers: raise its parameter "
                    "minSnapshotHistoryWindowInSeconds."
                ) from error
            if error.code != _SNAPSHOT_UNAVAILABLE or attempt == _TRIES - 1:
                raise
            # A collection or index was just made or exchanged: another moment will do.
            time.sleep(1)
    raise AssertionError("unreachable")


def _in_snapshot(
    client: MongoClient[Document],
    session: ClientSession,
    databases: Sequence[str],
    folder: Path,
    say: Say,
) -> tuple[list[Kept], dict[tuple[str, str], int]]:
    kept: list[Kept] = []
    heads: dict[tuple[str, str], int] = {}
    # The first read fixes the moment. Only then is it asked which collections there are.
    client[databases[0]]["projections_positions"].find_one({}, session=session)
    for database in databases:
        for name in sorted(client[database].list_collection_names(filter={"type": "collection"})):
            if _LEFT_OUT.fullmatch(name):
                continue
            if COMMITS.fullmatch(name):
                last = client[database][name].find_one({}, sort=[("_id", -1)], session=session)
                heads[database, name] = 0 if last is None else last["_id"]
                continue
            found = raw_collection(client, database, name).find(
                {}, sort=[("_id", 1)], session=session
            )
            kept.append(_keep(client, database, name, folder, found))
            say(kept[-1].file, kept[-1].documents)
    return kept, heads


def _keep(
    client: MongoClient[Document],
    database: str,
    name: str,
    folder: Path,
    documents: Iterator[RawBSONDocument],
) -> Kept:
    digest = Digest(f"{database}.{name}", commits=COMMITS.fullmatch(name) is not None)
    write_documents(folder / database / f"{name}.bson", documents, digest)
    indexes: list[dict[str, Any]] = [
        {key: value for key, value in index.items() if key not in ("v", "ns")}
        for index in client[database][name].list_indexes()
        if index["name"] != "_id_"
    ]
    return Kept(
        *(database, name, digest.documents, digest.bytes, digest.sha256, digest.head, indexes),
        dict(client[database][name].options()),
    )
