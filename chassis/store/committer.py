"""Group commit: callers that arrive while a batch is written go together in the next one."""

from collections import deque
from collections.abc import Callable, Sequence
from threading import Lock

from chassis.store.documents import Commit
from chassis.store.errors import OutcomeUnknownError

MAX_BATCH = 200
"""Commits in one write; more brought nothing (measured with 256 callers)."""

MAX_BATCH_BYTES = 8 * 1024 * 1024


class Committer:
    """Lets one of the calling threads write for all that wait; there is no thread to stop.

    ``write`` is called by one thread at a time and settles each commit it is given.
    """

    def __init__(self, write: Callable[[Sequence[Commit]], None]) -> None:
        self._write = write
        self._lock = Lock()
        self._waiting: deque[Commit] = deque()
        self._led = False

    def record(self, commit: Commit) -> None:
        """Block until the commit is settled; raise what it was settled with."""
        with self._lock:
            self._waiting.append(commit)
            leads, self._led = not self._led, True
        if not leads:
            try:
                commit.wake.wait()
            except BaseException:
                self._abandon(commit)
                raise
        if not commit.settled:
            # First in the queue: either it was empty, or the last leader handed over.
            self._lead()
        if commit.error is not None:
            raise commit.error

    def _lead(self) -> None:
        with self._lock:
            batch = self._take()
        try:
            self._write(batch)
        finally:
            for commit in batch:
                if not commit.settled:
                    # The leader was interrupted in the middle of the write.
                    commit.fail(OutcomeUnknownError())
                commit.wake.set()
            with self._lock:
                self._hand_over()

    def _hand_over(self) -> None:
        if self._waiting:
            self._waiting[0].wake.set()
        else:
            self._led = False

    def _abandon(self, commit: Commit) -> None:
        """Leave the queue when interrupted, or the others would wait for a leader that is gone."""
        with self._lock:
            if commit in self._waiting:
                chosen = commit.wake.is_set()
                self._waiting.remove(commit)
                if chosen:
                    self._hand_over()

    def _take(self) -> list[Commit]:
        batch = [self._waiting.popleft()]
        size = batch[0].size
        # A commit with tracking is a transaction of its own.
        while batch[0].tracking is None and self._waiting and len(batch) < MAX_BATCH:
            following = self._waiting[0]
            size += following.size
            if following.tracking is not None or size > MAX_BATCH_BYTES:
                break
            batch.append(self._waiting.popleft())
        return batch
