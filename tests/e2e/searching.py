"""Look for words in everything that a system keeps, however they may be written down there."""

from base64 import b64encode
from collections.abc import Iterable, Iterator

from mongo_access import documents, mongo_root
from nats_access import stored
from system_under_test import SystemUnderTest

from contracts.registry import STREAMS


def places(system: SystemUnderTest) -> Iterator[tuple[str, bytes]]:
    """Every document, every message with its headers, and every file but MongoDB's own.

    MongoDB's files are compressed: what is in them is read as documents instead, and its log of
    all writes is a collection among the others. NATS's files are searched as they are, for a
    message that was purged is on the disk still.
    """
    with mongo_root(system) as client:
        for name, raw in documents(client):
            yield f"mongodb {name}", raw
    for stream in STREAMS:
        for message in stored(system, stream.name):
            yield f"stream {stream.name}", message.data
            yield f"stream {stream.name}", f"{message.subject} {message.headers}".encode()
    for path in sorted(system.data.rglob("*")):
        inside = path.relative_to(system.data)
        if path.is_file() and inside.parts[0] not in ("mongod", "secrets"):
            yield f"file {inside}", path.read_bytes()


def found(system: SystemUnderTest, words: Iterable[str]) -> dict[str, set[str]]:
    """The places in which each word stands; words that stand nowhere are left out."""
    wanted = {word: _forms(word) for word in words}
    where: dict[str, set[str]] = {}
    for place, content in places(system):
        lowered = content.lower()
        for word, forms in wanted.items():
            if any(form in lowered for form in forms):
                where.setdefault(word, set()).add(place)
    return where


def _forms(word: str) -> set[bytes]:
    """A word in clear, in UTF-16, in hexadecimal and in base64 at each offset; in lower case."""
    plain = word.encode()
    forms = {plain, word.encode("utf-16-le"), plain.hex().encode()}
    for offset in range(3):
        # The first and the last group depend on what stands beside the word.
        whole = b64encode(b"\0" * offset + plain)
        forms.add(whole[4 if offset else 0 : -4])
    return {form.lower() for form in forms}
