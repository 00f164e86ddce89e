"""What followers read of a shard, and the one event at which a follower has to stop."""

import logging
from collections.abc import Callable, Sequence
from typing import TypeVar
from uuid import UUID

from eventsourcing.domain import DomainEventProtocol
from eventsourcing.persistence import Notification
from pymongo.errors import PyMongoError

from chassis.store.application import ShardApplication
from chassis.store.errors import is_away

DomainEvent = DomainEventProtocol[UUID]

T = TypeVar("T")

logger = logging.getLogger(__name__)


class PoisonedEventError(Exception):
    """An event that its follower can't handle. Says where it is, never what it holds."""

    def __init__(self, position: int, topic: str, cause: BaseException) -> None:
        super().__init__(f"{topic} at {position}: {type(cause).__name__}")
        self.position = position
        self.topic = topic


def read_after(
    application: ShardApplication, position: int, limit: int, up_to: int | None = None
) -> Sequence[Notification]:
    """At most ``limit`` stored events after ``position``, up to and with ``up_to``."""
    return application.recorder.select_notifications(
        position, limit, up_to, inclusive_of_start=False
    )


def guarded(notification: Notification, work: Callable[[], T]) -> T:
    """Do ``work`` for one event; PoisonedEventError for whatever is not an outage."""
    try:
        return work()
    except Exception as error:
        if isinstance(error, PyMongoError) and is_away(error):
            raise
        raise PoisonedEventError(notification.id, notification.topic, error) from error


def report(name: str, shard: int, error: PoisonedEventError) -> None:
    """Log where ``name`` had to stop; the cause's own message may quote content and stays out."""
    logger.error("%s stops in shard %d at an event it can't handle: %s", name, shard, error)
