"""The library's aggregate recorder on MongoDB: snapshots, a flat document each."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from eventsourcing.persistence import (
    AggregateRecorder,
    IntegrityError,
    OperationalError,
    StoredEvent,
)
from pymongo import ASCENDING, DESCENDING
from pymongo.client_session import ClientSession
from pymongo.errors import BulkWriteError, DuplicateKeyError, PyMongoError

from chassis.store.documents import Document
from chassis.store.errors import DUPLICATE_KEY
from chassis.store.handles import JOURNALED, Handles


class MongoAggregateRecorder(AggregateRecorder):
    """Stores events without a sequence, so that the last one is read alone."""

    def __init__(self, events: Handles, *, create: bool = True) -> None:
        self._events = events
        if create:
            events.write.create_index([("o", ASCENDING), ("v", ASCENDING)], unique=True, name="ov")

    def insert_events(self, stored_events: Sequence[StoredEvent], **_: Any) -> Sequence[int] | None:
        """Store all or none; IntegrityError if one of the versions is taken."""
        documents = [
            {"o": e.originator_id, "v": e.originator_version, "t": e.topic, "s": e.state}
            for e in stored_events
        ]
        try:
            if len(documents) == 1:
                self._events.write.insert_one(documents[0])
            elif documents:
                self._insert_together(documents)
        except DuplicateKeyError:
            raise IntegrityError("One of the versions is stored already.") from None
        except BulkWriteError as error:
            if any(e["code"] == DUPLICATE_KEY for e in error.details.get("writeErrors", ())):
                raise IntegrityError("One of the versions is stored already.") from None
            raise OperationalError("The database refused the events.") from None
        except PyMongoError as error:
            raise OperationalError(
                f"The events may not be stored: {type(error).__name__}"
            ) from None
        return None

    def _insert_together(self, documents: list[Document]) -> None:
        def insert(session: ClientSession) -> None:
            self._events.plain.insert_many(documents, session=session)

        with self._events.client.start_session() as session:
            session.with_transaction(insert, write_concern=JOURNALED)

    def select_events(
        self,
        originator_id: UUID | str,
        *,
        gt: int | None = None,
        lte: int | None = None,
        desc: bool = False,
        limit: int | None = None,
    ) -> Sequence[StoredEvent]:
        """The events of one aggregate in the order of their versions."""
        cursor = (
            self._events.settled.find({"o": originator_id, **version_filter("v", gt, lte)})
            .sort("v", DESCENDING if desc else ASCENDING)
            .limit(limit or 0)
        )
        return [stored_event(document) for document in cursor]


def version_filter(name: str, gt: int | None, lte: int | None) -> Document:
    """The filter for versions after ``gt`` and up to ``lte``; empty if neither is given."""
    bounds = {
        operator: bound for operator, bound in (("$gt", gt), ("$lte", lte)) if bound is not None
    }
    return {name: bounds} if bounds else {}


def stored_event(element: Mapping[str, Any]) -> StoredEvent:
    """The library's form of one stored element ``{o, v, t, s}``."""
    return StoredEvent(
        originator_id=element["o"],
        originator_version=element["v"],
        topic=element["t"],
        state=bytes(element["s"]),
    )
