"""The library's process recorder on MongoDB: events and position in one transaction."""

from collections.abc import Sequence
from typing import Any

from eventsourcing.persistence import ProcessRecorder, StoredEvent, Tracking

from chassis.store.application_recorder import MongoApplicationRecorder
from chassis.store.documents import Commit
from chassis.store.handles import Handles
from chassis.store.tracking_recorder import MongoTrackingRecorder
from chassis.store.writer import DEADLINE_S


class MongoProcessRecorder(MongoTrackingRecorder, MongoApplicationRecorder, ProcessRecorder):
    """Records what a follower did together with how far it has followed."""

    def __init__(
        self,
        commits: Handles,
        tracking: Handles,
        *,
        create: bool = True,
        deadline_s: float = DEADLINE_S,
    ) -> None:
        MongoTrackingRecorder.__init__(self, tracking, deadline_s=deadline_s)
        MongoApplicationRecorder.__init__(
            self, commits, tracking=self._tracking, create=create, deadline_s=deadline_s
        )

    def insert_events(
        self, stored_events: Sequence[StoredEvent], **kwargs: Any
    ) -> Sequence[int] | None:
        """As the application recorder, and with ``tracking`` moving a position in the same commit.

        Raises IntegrityError too if the position is already there or further.
        """
        tracking: Tracking | None = kwargs.get("tracking")
        if not stored_events:
            if tracking is not None:
                self.insert_tracking(tracking)
            return None
        return self._record(Commit(events=stored_events, tracking=tracking))
