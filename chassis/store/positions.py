"""Stored positions of followers that keep their own: one document a follower and shard."""

from contextlib import suppress
from dataclasses import dataclass

from pymongo.client_session import ClientSession
from pymongo.database import Database
from pymongo.errors import DuplicateKeyError

from chassis.store.documents import Document
from chassis.store.handles import handles


@dataclass(frozen=True)
class Position:
    """How far a follower has come, and the last position it did something for."""

    position: int = 0
    published: int = 0


class Positions:
    """The positions of follower ``name``: ``{_id: "name:shard", p: position, n: published}``."""

    def __init__(self, database: Database[Document], kind: str, name: str) -> None:
        self._handles = handles(database, f"{kind}_positions")
        self._name = name

    def load(self, shard: int) -> Position:
        """The settled position; made at 0 the first time, so that moves can be guarded by it."""
        which = {"_id": self._id(shard)}
        found = self._handles.settled.find_one(which)
        if found is None:
            fresh = {"$setOnInsert": {"p": 0, "n": 0}}
            with suppress(DuplicateKeyError):
                self._handles.write.update_one(which, fresh, upsert=True)
            found = self._handles.settled.find_one(which)
        return Position() if found is None else Position(found["p"], found["n"])

    def move(self, shard: int, expected: int, position: int, session: ClientSession) -> bool:
        """Move on within a transaction; False if the position is no longer ``expected``."""
        result = self._handles.plain.update_one(
            {"_id": self._id(shard), "p": expected}, {"$set": {"p": position}}, session=session
        )
        return result.matched_count == 1

    def advance(self, shard: int, to: Position) -> bool:
        """Move on if ``to`` is newer; False if another is already there or further."""
        result = self._handles.write.update_one(
            {"_id": self._id(shard), "p": {"$lt": to.position}},
            {"$set": {"p": to.position, "n": to.published}},
        )
        return result.matched_count == 1

    def _id(self, shard: int) -> str:
        return f"{self._name}:{shard:02d}"
