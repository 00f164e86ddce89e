"""Which shard each school got, in MongoDB: what must be known before a school can be loaded."""

from contextlib import suppress

from pymongo.database import Database
from pymongo.errors import DuplicateKeyError

from chassis.errors import NotFoundError
from chassis.store.documents import Document
from chassis.store.handles import handles
from chassis.tenancy import PLATFORM, scoped
from services.directory.domain.shards import least_used


class SchoolPlaces:
    """Blocking. A school never moves by itself, so its place is read once by each process."""

    def __init__(self, database: Database[Document]) -> None:
        self._places = handles(database, "school_places")
        self._known: dict[str, int] = {}

    def place(self, school: str) -> int:
        """The shard of the school, chosen now unless it was before.

        Of two that place it at once one is first, and both answer what that one chose. Two schools
        placed at once may get the same shard: that makes shards a little uneven, nothing else.
        """
        with suppress(NotFoundError):
            return self.shard_of(school)
        used = self._places.settled.find(scoped(PLATFORM), {"shard": 1})
        shard = least_used(document["shard"] for document in used)
        with suppress(DuplicateKeyError):
            self._places.write.insert_one({"_id": school, "tenant": PLATFORM, "shard": shard})
        return self.shard_of(school)

    def shard_of(self, school: str) -> int:
        """The shard; NotFoundError for an unknown school."""
        known = self._known.get(school)
        if known is None:
            found = self._places.settled.find_one(scoped(PLATFORM, {"_id": school}))
            if found is None:
                raise NotFoundError("no_school", "there is no such school")
            known = self._known[school] = int(found["shard"])
        return known
