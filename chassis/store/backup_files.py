"""A backup's files: BSON documents of each collection, and a manifest that vouches for them.

``bsondump`` reads the files. The manifest is written last: a folder without one is no backup.
"""

import hashlib
import json
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, cast

from bson import decode_file_iter, json_util
from bson.binary import UuidRepresentation
from bson.codec_options import CodecOptions
from bson.errors import InvalidBSON
from bson.raw_bson import RawBSONDocument
from pymongo import MongoClient
from pymongo.collection import Collection

from chassis.store.errors import BackupError

FORMAT = 1
MANIFEST = "manifest.json"
RAW: CodecOptions[RawBSONDocument] = CodecOptions(
    document_class=RawBSONDocument, uuid_representation=UuidRepresentation.STANDARD
)


@dataclass(frozen=True)
class Kept:
    """One collection in a backup; ``head`` is the last position of a shard's commits."""

    database: str
    collection: str
    documents: int
    bytes: int
    sha256: str
    head: int | None
    indexes: Sequence[dict[str, Any]]
    options: dict[str, Any]

    @property
    def file(self) -> str:
        """Its place in the folder."""
        return f"{self.database}/{self.collection}.bson"


@dataclass(frozen=True)
class Manifest:
    """What a backup holds, all of it as of one moment."""

    taken_at_ms: int
    kept: Sequence[Kept]

    @property
    def databases(self) -> list[str]:
        """The names of the databases."""
        return sorted({one.database for one in self.kept})

    @property
    def documents(self) -> int:
        """In all collections."""
        return sum(one.documents for one in self.kept)


Say = Callable[[str, int], None]
"""Told a collection's place and how many documents are done there."""


def silent(_: str, __: int) -> None:
    """Say nothing."""


def raw_collection(
    client: MongoClient[dict[str, Any]], kept_in: str, name: str
) -> Collection[RawBSONDocument]:
    """A collection whose documents come as they are stored."""
    found: Any = client[kept_in].get_collection(name, codec_options=RAW)
    return cast("Collection[RawBSONDocument]", found)


class Digest:
    """Counts and hashes documents; commits must join up."""

    def __init__(self, place: str, *, commits: bool) -> None:
        self._place = place
        self._commits = commits
        self._sha256 = hashlib.sha256()
        self.documents = self.bytes = 0
        self.next_id = 1

    def add(self, document: RawBSONDocument) -> None:
        """Take in the next one. Raises BackupError at a gap."""
        self._sha256.update(document.raw)
        self.documents += 1
        self.bytes += len(document.raw)
        if self._commits:
            if document["_id"] != self.next_id:
                raise BackupError(f"{self._place}: expected commit {self.next_id}: one is missing.")
            self.next_id += document["k"]

    @property
    def sha256(self) -> str:
        """Of all so far."""
        return self._sha256.hexdigest()

    @property
    def head(self) -> int | None:
        """The last position, of commits."""
        return self.next_id - 1 if self._commits else None


def write_documents(path: Path, documents: Iterator[RawBSONDocument], digest: Digest) -> None:
    """Write a collection's file, to be read by its owner alone, and make it durable."""
    path.parent.mkdir(mode=0o700, exist_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        for document in documents:
            digest.add(document)
            file.write(document.raw)
        file.flush()
        os.fsync(file.fileno())


def read_documents(folder: Path, kept: Kept) -> Iterator[RawBSONDocument]:
    """The documents of a collection. Raises BackupError if the file is gone or damaged."""
    try:
        with (folder / kept.file).open("rb") as file:
            yield from decode_file_iter(file, RAW)
    except (OSError, InvalidBSON) as error:
        raise BackupError(f"{kept.file} can't be read: {error}.") from error


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Declare the backup whole."""
    content = {
        "format": FORMAT,
        "taken_at_ms": manifest.taken_at_ms,
        "kept": [asdict(one) for one in manifest.kept],
    }
    draft = folder / f".{MANIFEST}"
    with draft.open("w") as file:
        file.write(json_util.dumps(content, indent=1))
        file.flush()
        os.fsync(file.fileno())
    draft.replace(folder / MANIFEST)


def read_manifest(folder: Path) -> Manifest:
    """What the backup in ``folder`` holds. Raises BackupError if there is none."""
    try:
        content = json_util.loads((folder / MANIFEST).read_text())
        if content["format"] != FORMAT:
            raise BackupError(f"{folder} has format {content['format']}; this reads {FORMAT}.")
        return Manifest(content["taken_at_ms"], [Kept(**one) for one in content["kept"]])
    except OSError as error:
        raise BackupError(f"{folder} holds no finished backup ({error.strerror}).") from error
    except (json.JSONDecodeError, KeyError, TypeError) as error:
        raise BackupError(f"{folder / MANIFEST} is damaged: {error}.") from error
