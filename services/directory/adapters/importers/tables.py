"""Reads CSV tables out of a zip that somebody else made, without trusting its sizes."""

import csv
import io
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TextIO

from chassis.errors import InvalidError

MAX_ZIP_BYTES = 64 * 1024 * 1024
MAX_TABLE_BYTES = 128 * 1024 * 1024
"""Unpacked, and counted while unpacking: a zip's own figures may lie. Thirty times the enrolments
of a school of 2,000."""
MAX_MEMBERS = 100

_DAMAGED = (
    *(zipfile.BadZipFile, zlib.error, EOFError, OSError),
    # How zipfile speaks of an unknown compression, and of encryption.
    *(NotImplementedError, RuntimeError),
)


class UnreadableRosterError(InvalidError):
    """The file as a whole can't be imported."""

    def __init__(self, message: str) -> None:
        super().__init__("unreadable_roster", message)


@dataclass(frozen=True)
class RowError:
    """Why a row was left out. ``line`` counts from 1 with the header; the reason quotes nothing."""

    file: str
    line: int
    field: str
    reason: str


@dataclass(frozen=True)
class Line:
    """A row of a table by its columns' names; cells without the spaces around them."""

    file: str
    number: int
    cells: dict[str, str]

    def __getitem__(self, column: str) -> str:
        return self.cells[column]

    def error(self, field: str, reason: str) -> RowError:
        """What is wrong with this row."""
        return RowError(self.file, self.number, field, reason)


class TableZip:
    """A zip of CSV tables."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self._names = set(archive.namelist())

    def has(self, file: str) -> bool:
        """Whether the table is there."""
        return file in self._names

    def table(self, file: str, columns: tuple[str, ...]) -> Iterator[Line | RowError]:
        """The rows of a table, and what is wrong with those that have not the header's length.

        Raises UnreadableRosterError if the table is missing, lacks one of ``columns``, is too
        large or is not CSV in UTF-8.
        """
        if not self.has(file):
            raise UnreadableRosterError(f"{file} is missing from the zip")
        try:
            with self._archive.open(file) as packed:
                bounded = io.BufferedReader(_Bounded(packed, file))
                yield from _lines(file, io.TextIOWrapper(bounded, "utf-8-sig", newline=""), columns)
        except UnicodeDecodeError:
            raise UnreadableRosterError(f"{file} is not text in UTF-8") from None
        except csv.Error as error:
            raise UnreadableRosterError(f"{file} is not CSV: {error}") from None
        except _DAMAGED as error:
            raise UnreadableRosterError(
                f"{file} can't be unpacked ({type(error).__name__})"
            ) from None


@contextmanager
def open_tables(path: Path) -> Iterator[TableZip]:
    """The zip at ``path``. Raises UnreadableRosterError if it is none, or too large."""
    try:
        if path.stat().st_size > MAX_ZIP_BYTES:
            raise UnreadableRosterError(
                f"{path.name} is larger than {MAX_ZIP_BYTES // 1024 // 1024} MiB"
            )
        archive = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, OSError) as error:
        raise UnreadableRosterError(
            f"{path.name} can't be read as a zip ({type(error).__name__})"
        ) from None
    with archive:
        if len(archive.namelist()) > MAX_MEMBERS:
            raise UnreadableRosterError(f"{path.name} holds more than {MAX_MEMBERS} files")
        yield TableZip(archive)


def _lines(file: str, text: TextIO, columns: tuple[str, ...]) -> Iterator[Line | RowError]:
    reader = csv.reader(text, strict=True)
    header = [name.strip() for name in next(reader, [])]
    missing = [name for name in columns if name not in header]
    if missing:
        raise UnreadableRosterError(f"{file} has no column {', '.join(missing)}")
    for cells in reader:
        if not cells:
            continue
        if len(cells) != len(header):
            reason = f"has {len(cells)} cells where the header has {len(header)}"
            yield RowError(file, reader.line_num, "", reason)
            continue
        named = dict(zip(header, (cell.strip() for cell in cells), strict=True))
        yield Line(file, reader.line_num, named)


class _Bounded(io.RawIOBase):
    """Ends the reading of a table that unpacks to more than is believable."""

    def __init__(self, packed: IO[bytes], file: str) -> None:
        self._packed = packed
        self._file = file
        self._left = MAX_TABLE_BYTES

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "memoryview[int] | bytearray") -> int:  # type: ignore[override]  # typeshed's Buffer has no length
        data = self._packed.read(len(buffer))
        self._left -= len(data)
        if self._left < 0:
            raise UnreadableRosterError(
                f"{self._file} unpacks to more than {MAX_TABLE_BYTES // 1024 // 1024} MiB"
            )
        buffer[: len(data)] = data
        return len(data)
