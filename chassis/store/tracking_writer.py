"""Positions of followers: one document per upstream, only ever moving forward."""

import secrets
import time

from eventsourcing.persistence import IntegrityError, OperationalError, Tracking
from pymongo.client_session import ClientSession
from pymongo.errors import DuplicateKeyError, PyMongoError

from chassis.store.errors import OutcomeUnknownError, is_away
from chassis.store.handles import Handles

_PAUSE_S = 0.05


class TrackingWriter:
    """Writes and judges tracking documents ``{_id: upstream, m: position, c: token}``."""

    def __init__(self, handles: Handles) -> None:
        self._handles = handles

    def record(self, tracking: Tracking, deadline_s: float) -> None:
        """Move the position forward, through outages, without a commit beside it.

        Raises IntegrityError if another has moved it there or further, OutcomeUnknownError past
        the deadline.
        """
        token = secrets.token_bytes(12)
        deadline = time.monotonic() + deadline_s
        while True:
            try:
                self.upsert(tracking, token, None)
            except PyMongoError as error:
                if not isinstance(error, DuplicateKeyError) and not is_away(error):
                    raise OperationalError(f"Tracking refused ({type(error).__name__}).") from None
            else:
                return
            try:
                judged = self.judge(tracking, token)
            except PyMongoError:
                judged = None
            if judged:
                return
            if judged is False:
                raise IntegrityError("The position is already tracked.")
            if time.monotonic() > deadline:
                raise OutcomeUnknownError
            time.sleep(_PAUSE_S)

    def upsert(self, tracking: Tracking, token: bytes, session: ClientSession | None) -> None:
        """Move the position forward; DuplicateKeyError if it is already there or further.

        The filter matches only an older position; the upsert then hits the unique ``_id``.
        """
        collection = self._handles.write if session is None else self._handles.plain
        collection.update_one(
            {"_id": tracking.application_name, "m": {"$lt": tracking.notification_id}},
            {"$set": {"m": tracking.notification_id, "c": token}},
            upsert=True,
            session=session,
        )

    def judge(self, tracking: Tracking, token: bytes) -> bool | None:
        """True if the position was written with ``token``, False if by another, None if not yet.

        By majority: a failover may still take the newest back.
        """
        found = self._handles.settled.find_one({"_id": tracking.application_name})
        if found is None or found["m"] < tracking.notification_id:
            return None
        own: bool = found["c"] == token
        return own

    def position(self, application_name: str) -> int | None:
        """The tracked position, or None."""
        found = self._handles.settled.find_one({"_id": application_name}, {"m": 1})
        return None if found is None else int(found["m"])
