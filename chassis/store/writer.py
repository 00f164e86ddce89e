"""Puts commits into a collection's sequence; the unique ``_id`` arbitrates between writers."""

import time
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from typing import Any

from eventsourcing.persistence import DataError, IntegrityError, OperationalError
from pymongo.client_session import ClientSession
from pymongo.errors import AutoReconnect, BulkWriteError, DuplicateKeyError, PyMongoError
from pymongo.read_concern import ReadConcern

from chassis.store.documents import Commit, Key
from chassis.store.errors import (
    DUPLICATE_KEY,
    OutcomeUnknownError,
    StoreAwayError,
    is_away,
    is_away_code,
)
from chassis.store.handles import JOURNALED, Handles
from chassis.store.tracking_writer import TrackingWriter

DEADLINE_S = 15.0
"""How long a commit is tried; longer than a failover takes."""

_REMEMBERED_KEYS = 4096
_EAGER_PASSES = 4
_FIRST_PAUSE_S = 0.005
_LONGEST_PAUSE_S = 0.25


class CommitWriter:
    """Numbers, sends and judges commits. Used by one thread at a time (see ``Committer``).

    Each pass sends all open commits with consecutive first ids in one ordered insert, so that what
    is recorded is always a prefix and joins up with what was there. Whatever is not acknowledged is
    judged by re-reading its keys: own token, recorded; foreign token, lost; absent, sent again.
    """

    def __init__(
        self, commits: Handles, tracking: TrackingWriter | None, *, deadline_s: float = DEADLINE_S
    ) -> None:
        self._commits = commits
        self._tracking = tracking
        self._deadline_s = deadline_s
        self._next: int | None = None
        self._recorded: OrderedDict[Key, None] = OrderedDict()

    def write(self, batch: Sequence[Commit]) -> None:
        """Settle every commit of the batch; raises nothing about the data or the database."""
        deadline = time.monotonic() + self._deadline_s
        waiting = list(batch)
        while waiting:
            chosen, waiting = self._claim(waiting)
            if any(commit.tracking is not None for commit in chosen):
                # One session for all attempts: a new transaction in it ends an abandoned one, whose
                # locks would otherwise stop its own successor for a minute.
                with self._commits.client.start_session() as session:
                    self._settle(chosen, deadline, session)
            else:
                self._settle(chosen, deadline, None)

    def _claim(self, commits: Sequence[Commit]) -> tuple[list[Commit], list[Commit]]:
        """One claimant per key now, the others in the next round; known losers fail at once."""
        chosen: list[Commit] = []
        later: list[Commit] = []
        claimed: set[Key] = set()
        for commit in commits:
            if any(key in self._recorded for key in commit.keys):
                commit.fail(_lost())
            elif claimed & commit.keys:
                later.append(commit)
            else:
                claimed |= commit.keys
                chosen.append(commit)
        return chosen, later

    def _settle(
        self, commits: list[Commit], deadline: float, session: ClientSession | None
    ) -> None:
        pause = _FIRST_PAUSE_S
        passes = 0
        while commits:
            passes += 1
            if passes > _EAGER_PASSES:
                time.sleep(pause)
            try:
                commits = self._send(commits, deadline, session)
                commits = self._judge(commits, deadline)
            except PyMongoError as error:
                self._next = None
                if not is_away(error):
                    _fail_all(commits, _translated(error))
                    return
                time.sleep(pause)
                pause = min(pause * 2, _LONGEST_PAUSE_S)
                commits = self._judge_calmly(commits, deadline)
            if time.monotonic() > deadline:
                _give_up(commits)
                return

    def _send(
        self, commits: list[Commit], deadline: float, session: ClientSession | None
    ) -> list[Commit]:
        """Number and insert; the commits that are not acknowledged come back."""
        number = self._next or self._read_next(deadline)
        for commit in commits:
            commit.first_id = number
            number += len(commit.events)
        for commit in commits:
            commit.sent = True
        self._next = None
        try:
            if session is not None:
                self._transact(commits[0], session)
            else:
                self._commits.write.insert_many([c.document() for c in commits], ordered=True)
        except BulkWriteError as error:
            return self._after_refusal(commits, error.details)
        except DuplicateKeyError:
            return commits
        self._next = number
        for commit in commits:
            self._succeed(commit)
        return []

    def _after_refusal(self, commits: list[Commit], details: Mapping[str, Any]) -> list[Commit]:
        """Settle what a partly refused insert says for certain, return the rest."""
        if details.get("writeConcernErrors") or not details.get("writeErrors"):
            return commits
        refusal = details["writeErrors"][0]
        index: int = refusal["index"]
        for commit in commits[:index]:
            self._succeed(commit)
        code: int = refusal["code"]
        if code != DUPLICATE_KEY and not is_away_code(code):
            commits[index].fail(DataError(f"The database refused the commit (code {code})."))
            index += 1
        return commits[index:]

    def _transact(self, commit: Commit, session: ClientSession) -> None:
        """Record events and tracking in one transaction."""
        if self._tracking is None or commit.tracking is None:
            raise RuntimeError("A commit with tracking needs a process recorder.")
        with session.start_transaction(ReadConcern("snapshot"), JOURNALED):
            self._tracking.upsert(commit.tracking, commit.token, session)
            self._commits.plain.insert_one(commit.document(), session=session)

    def _judge_calmly(self, commits: list[Commit], deadline: float) -> list[Commit]:
        try:
            return self._judge(commits, deadline)
        except PyMongoError:
            return commits

    def _judge(self, commits: list[Commit], deadline: float) -> list[Commit]:
        """Settle each commit whose keys are taken, by whose token took them; return the rest."""
        filters = [part for commit in commits for part in commit.key_filters()]
        owners: dict[Key, tuple[int, bytes]] = {}
        if filters:
            wanted = {"c": 1, "ev.o": 1, "ev.v": 1}
            for found in self._commits.newest.find({"$or": filters}, wanted):
                owner = (found["_id"], bytes(found["c"]))
                owners.update(((e["o"], e["v"]), owner) for e in found["ev"])
        return [c for c in commits if not self._judge_one(c, owners, deadline)]

    def _judge_one(
        self, commit: Commit, owners: Mapping[Key, tuple[int, bytes]], deadline: float
    ) -> bool:
        taken = {owners[key] for key in commit.keys if key in owners}
        own = next((number for number, token in taken if token == commit.token), None)
        if own is not None:
            commit.first_id = own
            if self._stays(own, commit.token, deadline):
                self._succeed(commit)
        elif any(self._stays(number, token, deadline) for number, token in taken):
            # Only now can whoever runs the command again read what won.
            commit.fail(_lost())
        elif self._is_tracked_by_another(commit):
            commit.fail(IntegrityError("The position is already tracked."))
        return commit.settled

    def _is_tracked_by_another(self, commit: Commit) -> bool:
        if commit.tracking is None or self._tracking is None:
            return False
        return self._tracking.judge(commit.tracking, commit.token) is False

    def _read_next(self, deadline: float) -> int:
        """The id after the last commit, once that commit is sure to stay.

        Building on a commit that a failover takes back would leave a gap for ever.
        """
        while True:
            last = self._commits.newest.find_one({}, {"k": 1, "c": 1}, sort=[("_id", -1)])
            if last is None:
                return 1
            if self._stays(last["_id"], last["c"], deadline):
                following: int = last["_id"] + last["k"]
                return following
            if time.monotonic() > deadline:
                raise AutoReconnect("The newest commit did not reach a majority in time.")

    def _stays(self, number: int, token: bytes, deadline: float) -> bool:
        """Whether the commit is on a majority; False if it vanished or the deadline passed."""
        pause = _FIRST_PAUSE_S
        which = {"_id": number, "c": token}
        while self._commits.settled.find_one(which, {"_id": 1}) is None:
            if time.monotonic() > deadline:
                return False
            time.sleep(pause)
            pause = min(pause * 2, _LONGEST_PAUSE_S)
            if self._commits.newest.find_one(which, {"_id": 1}) is None:
                return False
        return True

    def _succeed(self, commit: Commit) -> None:
        self._recorded.update(dict.fromkeys(commit.keys))
        while len(self._recorded) > _REMEMBERED_KEYS:
            self._recorded.popitem(last=False)
        commit.succeed()


def _lost() -> IntegrityError:
    return IntegrityError("Another commit holds one of the versions.")


def _translated(error: PyMongoError) -> Exception:
    # The driver's message may quote the document; only its kind goes on.
    return OperationalError(f"The database refused the operation ({type(error).__name__}).")


def _fail_all(commits: Sequence[Commit], error: Exception) -> None:
    for commit in commits:
        commit.fail(error)


def _give_up(commits: Sequence[Commit]) -> None:
    for commit in commits:
        commit.fail(OutcomeUnknownError() if commit.sent else StoreAwayError())
