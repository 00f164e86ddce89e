"""The library's tracking recorder on MongoDB."""

from eventsourcing.persistence import Tracking, TrackingRecorder

from chassis.store.handles import Handles
from chassis.store.tracking_writer import TrackingWriter
from chassis.store.writer import DEADLINE_S


class MongoTrackingRecorder(TrackingRecorder):
    """Records how far each upstream is followed."""

    def __init__(self, tracking: Handles, *, deadline_s: float = DEADLINE_S) -> None:
        self._tracking = TrackingWriter(tracking)
        self._tracking_deadline_s = deadline_s

    def insert_tracking(self, tracking: Tracking) -> None:
        """Move forward; IntegrityError unless the position is greater than the recorded one."""
        self._tracking.record(tracking, self._tracking_deadline_s)

    def max_tracking_id(self, application_name: str) -> int | None:
        """The position recorded for the upstream, or None."""
        return self._tracking.position(application_name)
