"""Stored positions of followers that keep their own: one document a follower and shard."""

import re
from contextlib import suppress
from dataclasses import dataclass

from pymongo.client_session import ClientSession
from pymongo.database import Database
from pymongo.errors import DuplicateKeyError

from chassis.store.documents import Document
from chassis.store.handles import Handles, handles

PROJECTIONS = "projections"
RELAYS = "relays"
"""Kinds of followers; each has a collection."""


@dataclass(frozen=True)
class Position:
    """How far a follower has come, and the last position it did something for."""

    position: int = 0
    published: int = 0
    held: bool = False
    """Whether it must not move now (``hold.py``)."""


class Positions:
    """The positions of follower ``name``: ``{_id: "name:shard", p: position, n: published}``."""

    def __init__(self, database: Database[Document], kind: str, name: str) -> None:
        self._handles = position_handles(database, kind)
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
        return Position() if found is None else Position(found["p"], found["n"], "h" in found)

    def all(self) -> dict[int, int]:
        """The settled positions of all shards that were begun."""
        return {
            int(found["_id"][-2:]): int(found["p"])
            for found in self._handles.settled.find({"_id": of_shards(self._name), "p": {"$gt": 0}})
        }

    def move(self, shard: int, expected: int, position: int, session: ClientSession) -> bool:
        """Move on within a transaction; False if it is not at ``expected`` any more, or held."""
        result = self._handles.plain.update_one(
            {"_id": self._id(shard), "p": expected, "h": None},
            {"$set": {"p": position}},
            session=session,
        )
        return result.matched_count == 1

    def advance(self, shard: int, to: Position) -> bool:
        """Move on if ``to`` is newer; False if another is already there or further."""
        result = self._handles.write.update_one(
            {"_id": self._id(shard), "p": {"$lt": to.position}},
            {"$set": {"p": to.position, "n": to.published}},
        )
        return result.matched_count == 1

    def forget(self) -> None:
        """Remove the positions of all shards."""
        self._handles.write.delete_many({"_id": of_shards(self._name)})

    def _id(self, shard: int) -> str:
        return f"{self._name}:{shard:02d}"


def position_handles(database: Database[Document], kind: str) -> Handles:
    """The collection that holds the positions of one kind of followers."""
    return handles(database, f"{kind}_positions")


def of_shards(name: str) -> Document:
    """A filter on ``_id`` for the positions of follower ``name``."""
    return {"$regex": f"^{re.escape(name)}:[0-9]{{2}}$"}
