"""Keeps all runners of a projection still, in every process, while its rows are exchanged."""

from pymongo import UpdateOne
from pymongo.database import Database
from pymongo.errors import DuplicateKeyError

from chassis.store.application import SHARDS
from chassis.store.documents import Document
from chassis.store.errors import HeldError
from chassis.store.positions import PROJECTIONS, Positions, of_shards, position_handles

LONGEST_S = 60
"""A hold this old, by the server's clock, was left by a process that is gone: anyone ends it."""


class Hold:
    """A hold on a projection's positions: ``{_id: "name:hold", h: token, at: time, rows: […]}``.

    Each shard's position carries the token as ``h``, and no runner moves a position that has one:
    a transaction that is under way commits before the hold is there, or not at all.

    A hold that was left behind is ended by dropping the new rows *first*. Its owner, should it
    wake up late, then finds nothing to put in place of rows that have moved on.
    """

    def __init__(self, database: Database[Document], name: str) -> None:
        self._database = database
        self._positions = position_handles(database, PROJECTIONS)
        self._name = name
        self._id = f"{name}:hold"

    def take(self, token: str, rows: list[str]) -> None:
        """Hold every shard. ``rows`` are the collections that wait to be put in place.

        Raises HeldError if another holds it.
        """
        try:
            self._positions.write.update_one(
                {"_id": self._id, "h": token},
                [{"$set": {"rows": {"$literal": rows}, "at": "$$NOW"}}],
                upsert=True,
            )
        except DuplicateKeyError:
            raise HeldError from None
        # All shards, also those without an event: a first one must not slip through.
        self._positions.write.bulk_write(
            [
                UpdateOne(
                    {"_id": f"{self._name}:{shard:02d}"},
                    {"$set": {"h": token}, "$setOnInsert": {"p": 0, "n": 0}},
                    upsert=True,
                )
                for shard in range(SHARDS)
            ],
            ordered=False,
        )

    def is_mine(self, token: str) -> bool:
        """Whether the hold is still there."""
        return self._positions.settled.find_one({"_id": self._id, "h": token}) is not None

    def is_taken(self) -> bool:
        """Whether anybody holds it."""
        return self._positions.settled.find_one({"_id": self._id}) is not None

    def release(self, token: str) -> None:
        """Let the runners go on; does nothing if the hold is another's."""
        self._positions.write.update_many(
            {"_id": of_shards(self._name), "h": token}, {"$unset": {"h": ""}}
        )
        # Last, because it is by this document that a hold left behind is found.
        self._positions.write.delete_one({"_id": self._id, "h": token})

    def break_stale(self) -> bool:
        """End a hold whose owner is gone; False if there is none."""
        too_old = {"$lt": ["$at", {"$subtract": ["$$NOW", LONGEST_S * 1000]}]}
        found = self._positions.settled.find_one({"_id": self._id, "$expr": too_old})
        if found is None:
            return False
        discard(self._database, self._name, str(found["h"]), found["rows"])
        self.release(found["h"])
        return True


def shadow_name(name: str, token: str) -> str:
    """What the rebuild with this token calls a projection or collection ``name``."""
    return f"{name}__rebuild_{token}"


def discard(database: Database[Document], name: str, token: str, rows: list[str]) -> None:
    """Forget a rebuild: first its positions, so that no batch of it makes the rows again."""
    Positions(database, PROJECTIONS, shadow_name(name, token)).forget()
    for collection in rows:
        database.drop_collection(collection)
