"""The library's application recorder on MongoDB: a document a commit, a sequence a collection."""

from collections.abc import Iterator, Sequence
from threading import Event, Lock
from typing import Any
from uuid import UUID

from eventsourcing.persistence import (
    ApplicationRecorder,
    ListenNotifySubscription,
    Notification,
    StoredEvent,
    Subscription,
)
from pymongo import ASCENDING, DESCENDING

from chassis.store.aggregate_recorder import stored_event, version_filter
from chassis.store.committer import Committer
from chassis.store.documents import Commit, Document, notifications
from chassis.store.errors import SequenceGapError
from chassis.store.handles import Handles
from chassis.store.tracking_writer import TrackingWriter
from chassis.store.writer import DEADLINE_S, CommitWriter

POLL_S = 0.1
"""How long a subscription may take to see a commit of another process."""


class MongoApplicationRecorder(ApplicationRecorder):
    """Records commits in one sequence, gap-free, and reads them by aggregate or in order."""

    def __init__(
        self,
        commits: Handles,
        *,
        tracking: TrackingWriter | None = None,
        create: bool = True,
        deadline_s: float = DEADLINE_S,
    ) -> None:
        self._commits = commits
        self._committer = Committer(CommitWriter(commits, tracking, deadline_s=deadline_s).write)
        self._listeners: set[Event] = set()
        self._listeners_lock = Lock()
        if create:
            key = [("ev.o", ASCENDING), ("ev.v", ASCENDING)]
            commits.write.create_index(key, unique=True, name="event")

    def insert_events(self, stored_events: Sequence[StoredEvent], **_: Any) -> Sequence[int] | None:
        """Record the events as one commit and return their notification ids.

        Raises IntegrityError if one of the versions is taken, DataError if the commit is too large,
        StoreAwayError if nothing was recorded before the deadline, OutcomeUnknownError if that is
        not known.
        """
        if not stored_events:
            return None
        return self._record(Commit(events=stored_events))

    def _record(self, commit: Commit) -> Sequence[int]:
        self._committer.record(commit)
        with self._listeners_lock:
            listeners = list(self._listeners)
        for listener in listeners:
            listener.set()
        return commit.ids

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
        element = {"o": originator_id, **version_filter("v", gt, lte)}
        # The index cannot serve a sort on elements: an aggregate's events are few.
        events = [
            stored_event(e)
            for document in self._commits.settled.find({"ev": {"$elemMatch": element}}, {"ev": 1})
            for e in document["ev"]
            if e["o"] == originator_id
            and (gt is None or e["v"] > gt)
            and (lte is None or e["v"] <= lte)
        ]
        events.sort(key=lambda event: event.originator_version, reverse=desc)
        return events[:limit]

    def select_notifications(
        self,
        start: int | None,
        limit: int,
        stop: int | None = None,
        topics: Sequence[str] = (),
        *,
        inclusive_of_start: bool = True,
    ) -> Sequence[Notification]:
        """Events in the order of the sequence; ``start`` may lie inside a commit.

        Raises SequenceGapError if commits do not join up (checked when no topics are given).
        """
        first = 1 if start is None else start + (not inclusive_of_start)
        selected: list[Notification] = []
        for document in self._documents_from(max(first, 1), limit, stop, topics):
            for notification in notifications(document):
                if notification.id < first or (topics and notification.topic not in topics):
                    continue
                if len(selected) == limit or (stop is not None and notification.id > stop):
                    return selected
                selected.append(notification)
        return selected

    def _documents_from(
        self, first: int, limit: int, stop: int | None, topics: Sequence[str]
    ) -> Iterator[Document]:
        """Documents with events from ``first`` on; each has one at least, so ``limit`` suffice."""
        wanted: Document = {"ev.t": {"$in": list(topics)}} if topics else {}
        ids: Document = {"$gte": first} if stop is None else {"$gte": first, "$lte": stop}
        cursor = self._commits.settled.find({"_id": ids, **wanted}, sort=[("_id", 1)], limit=limit)
        with cursor:
            expected: int | None = None
            for document in cursor:
                if expected is None and document["_id"] != first:
                    before = self._commit_before(first)
                    expected = 1 if before is None else before["_id"] + before["k"]
                    if before is not None and expected > first:
                        yield before
                if not topics and expected not in (None, document["_id"]):
                    raise SequenceGapError(f"Expected {expected}, found {document['_id']}.")
                yield document
                expected = document["_id"] + document["k"]
            if expected is None:
                before = self._commit_before(first)
                if before is not None and before["_id"] + before["k"] > first:
                    yield before

    def _commit_before(self, number: int) -> Document | None:
        return self._commits.settled.find_one({"_id": {"$lt": number}}, sort=[("_id", DESCENDING)])

    def max_notification_id(self) -> int | None:
        """The last id of the sequence, or None if it is empty."""
        last = self._commits.settled.find_one({}, {"k": 1}, sort=[("_id", DESCENDING)])
        return None if last is None else int(last["_id"] + last["k"] - 1)

    def subscribe(
        self, gt: int | None = None, topics: Sequence[str] = ()
    ) -> Subscription[ApplicationRecorder]:
        """An endless iterator of the events after ``gt``."""
        return MongoSubscription(recorder=self, gt=gt, topics=topics)

    def listen(self, event: Event) -> None:
        """Set ``event`` after each commit of this recorder."""
        with self._listeners_lock:
            self._listeners.add(event)

    def unlisten(self, event: Event) -> None:
        """No longer set ``event``."""
        with self._listeners_lock:
            self._listeners.discard(event)


class MongoSubscription(ListenNotifySubscription[MongoApplicationRecorder]):
    """Wakes at once for commits of its own recorder and polls for those of others."""

    def __init__(
        self,
        recorder: MongoApplicationRecorder,
        gt: int | None = None,
        topics: Sequence[str] = (),
    ) -> None:
        super().__init__(recorder=recorder, gt=gt, topics=topics)
        self._recorder.listen(self._has_been_notified)

    def stop(self) -> None:
        """Stop the subscription."""
        super().stop()
        self._recorder.unlisten(self._has_been_notified)

    def _loop_on_pull(self) -> None:
        try:
            while not self._has_been_stopped:
                self._pull()
                self._has_been_notified.wait(timeout=POLL_S)
        except BaseException as error:  # noqa: BLE001 - handed to the thread that iterates
            self._thread_error = self._thread_error or error
            self.stop()
