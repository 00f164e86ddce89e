"""Reads a backup, puts it into empty databases, and says whether it is what was taken."""

from collections.abc import Iterator
from pathlib import Path

from bson.raw_bson import RawBSONDocument
from pymongo import MongoClient

from chassis.store.backup_files import (
    Digest,
    Kept,
    Manifest,
    Say,
    raw_collection,
    read_documents,
    read_manifest,
    silent,
)
from chassis.store.documents import Document
from chassis.store.errors import BackupError
from chassis.store.handles import JOURNALED

_BATCH_BYTES = 4 * 1024 * 1024
_BATCH = 1000


def verify(folder: Path, say: Say = silent) -> Manifest:
    """Read every file and hold it against the manifest; BackupError for what doesn't fit."""
    manifest = read_manifest(folder)
    for kept in manifest.kept:
        digest = Digest(kept.file, commits=kept.head is not None)
        for document in read_documents(folder, kept):
            digest.add(document)
        _must_fit(kept, digest, "the file is damaged")
        say(kept.file, digest.documents)
    return manifest


def restore(folder: Path, client: MongoClient[Document], say: Say = silent) -> Manifest:
    """Put a backup into databases that are empty, and read back what was put there.

    No service may run meanwhile. Raises BackupError, before anything is written if a file is
    damaged or a database isn't empty.
    """
    manifest = verify(folder)
    for name in manifest.databases:
        if client[name].list_collection_names():
            raise BackupError(f"The database {name} is not empty: drop it, or use another server.")
    for kept in manifest.kept:
        client[kept.database].create_collection(kept.collection, **kept.options)
        raw = raw_collection(client, kept.database, kept.collection)
        raw = raw.with_options(write_concern=JOURNALED)
        for batch in _batches(read_documents(folder, kept)):
            raw.insert_many(batch)
        if kept.indexes:
            client[kept.database].command(
                "createIndexes", kept.collection, indexes=list(kept.indexes)
            )
        say(kept.file, kept.documents)
    compare(folder, client)
    return manifest


def compare(folder: Path, client: MongoClient[Document]) -> None:
    """Read what was restored from ``folder``; BackupError unless it is the same to the byte."""
    for kept in read_manifest(folder).kept:
        digest = Digest(kept.file, commits=kept.head is not None)
        for document in raw_collection(client, kept.database, kept.collection).find(
            sort=[("_id", 1)]
        ):
            digest.add(document)
        _must_fit(kept, digest, "the database holds something else")


def _batches(documents: Iterator[RawBSONDocument]) -> Iterator[list[RawBSONDocument]]:
    batch: list[RawBSONDocument] = []
    size = 0
    for document in documents:
        batch.append(document)
        size += len(document.raw)
        if len(batch) == _BATCH or size >= _BATCH_BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _must_fit(kept: Kept, digest: Digest, what: str) -> None:
    expected = (kept.documents, kept.sha256, kept.head)
    if (digest.documents, digest.sha256, digest.head) != expected:
        raise BackupError(
            f"{kept.file}: {what} ({digest.documents} documents, expected {kept.documents}; "
            f"SHA-256 {digest.sha256[:12]}…, expected {kept.sha256[:12]}…)."
        )
