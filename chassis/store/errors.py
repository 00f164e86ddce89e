"""What the store raises beyond the library's own errors, and how a driver's error is judged."""

from eventsourcing.persistence import IntegrityError, InternalError, OperationalError
from pymongo.errors import (
    ConnectionFailure,
    CursorNotFound,
    ExecutionTimeout,
    OperationFailure,
    PyMongoError,
    WriteConcernError,
)

from chassis.errors import TransientError

DUPLICATE_KEY = 11000
"""Server code of a second document with a unique value."""

_AWAY_CODES = frozenset(
    {6, 7, 24, 46, 64, 89, 91, 112, 133, 134, 175, 189, 251, 262, 9001}
    | {10107, 11600, 11601, 11602, 13388, 13435, 13436}
)
"""Server codes of network, step-down, shutdown and interruption: nothing is said about the data.

175 ends a cursor whose collection was exchanged for a rebuilt one."""

_AWAY_LABELS = (
    "TransientTransactionError",
    "UnknownTransactionCommitResult",
    "RetryableWriteError",
)


class OutcomeUnknownError(TransientError, OperationalError):
    """The deadline passed before it was known whether the commit is recorded.

    It may be recorded, or be recorded later. The caller repeats the command, which is idempotent.
    """

    def __init__(self) -> None:
        super().__init__("outcome_unknown", "It is not known whether the commit was recorded.")


class StoreAwayError(TransientError, OperationalError):
    """The deadline passed before anything was sent: the commit is not recorded."""

    def __init__(self) -> None:
        super().__init__("store_away", "The store could not be reached; nothing was recorded.")


class LostRaceError(TransientError, IntegrityError):
    """A command lost the race for its aggregate each time it was run."""

    def __init__(self) -> None:
        super().__init__("lost_race", "Others changed the same thing at the same time; try again.")


class HeldError(TransientError):
    """A projection's rows are being exchanged for rebuilt ones: for a moment nobody writes them."""

    def __init__(self) -> None:
        super().__init__("view_held", "The view is being exchanged; try again in a moment.")


class RebuildError(Exception):
    """A view could not be rebuilt; the live one is as it was. ``str(error)`` says why."""


class BackupError(Exception):
    """A backup can't be made, read or restored. ``str(error)`` says why and what to do."""


class SequenceGapError(InternalError):
    """A follower found commits that do not join up: data is missing or was damaged."""


def is_away(error: PyMongoError) -> bool:
    """Whether ``error`` comes from an outage, so that the same operation may succeed later."""
    if isinstance(error, ConnectionFailure | CursorNotFound | ExecutionTimeout | WriteConcernError):
        return True
    if any(error.has_error_label(label) for label in _AWAY_LABELS):
        return True
    return isinstance(error, OperationFailure) and is_away_code(error.code)


def is_away_code(code: int | None) -> bool:
    """Whether a server's error code speaks of an outage and not of the data."""
    return code in _AWAY_CODES
