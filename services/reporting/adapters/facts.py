"""The facts in MongoDB: a document an incident, and how far each stream was read."""

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import pymongo
from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import ConnectionFailure, DuplicateKeyError, PyMongoError
from pymongo.read_concern import ReadConcern
from pymongo.write_concern import WriteConcern

from chassis.bus.fence import Verdict, judge
from chassis.errors import ConflictError, TransientError
from chassis.tenancy import scoped
from services.reporting.adapters.aggregation import pipeline, to_group
from services.reporting.adapters.database import Document
from services.reporting.domain.change import Change
from services.reporting.domain.group import Group
from services.reporting.domain.position import Position

log = logging.getLogger(__name__)

WITHIN_S = 4.0
"""Less than the consumers' ack_wait of 5 s, after which a message comes again."""


class MongoFacts:
    """The port ``Facts`` on a database of reporting's own."""

    def __init__(self, database: AsyncDatabase[Document], within_s: float = WITHIN_S) -> None:
        self._within_s = within_s
        self._client = database.client
        self._facts = database["facts"]
        self._positions = database["positions"]

    async def prepare(self) -> None:
        """Make the index that summaries are read by."""
        await self._facts.create_index([("tenant", 1), ("opened_at_ms", 1)])

    async def apply(
        self, stream: str, at: Position, previous: int | None, tenant: str, change: Change
    ) -> None:
        """As ``Facts.apply``: position and effect in one transaction."""

        async def both(session: AsyncClientSession) -> None:
            if await self._is_new(session, stream, at, previous) and change.counts:
                await self._write(session, tenant, change)

        with _bounded(self._within_s):
            try:
                async with self._client.start_session() as session:
                    await session.with_transaction(
                        both,
                        read_concern=ReadConcern("snapshot"),
                        write_concern=WriteConcern(w="majority", j=True),
                    )
            except DuplicateKeyError as error:
                await self._explain(tenant, change, error)

    async def read_up_to(self, stream: str, shard: int) -> int:
        """As ``Facts.read_up_to``."""
        with _bounded(self._within_s):
            # every tenant: a position belongs to a shard
            held = await self._positions.find_one({"_id": _place(stream, shard)})
        return int(held["n"]) if held else 0

    async def groups(self, tenant: str, from_ms: int, before_ms: int) -> Sequence[Group]:
        """As ``Facts.groups``, by week, theme, severity and year group."""
        with _bounded(self._within_s):
            cursor = await self._facts.aggregate(pipeline(tenant, from_ms, before_ms))
            return [to_group(found) async for found in cursor]

    async def _is_new(
        self, session: AsyncClientSession, stream: str, at: Position, previous: int | None
    ) -> bool:
        place = {"_id": _place(stream, at.shard)}
        # every tenant: a position belongs to a shard
        held = await self._positions.find_one(place, session=session)
        reached = int(held["n"]) if held else 0
        verdict = judge(reached, at.number, previous)
        if verdict is Verdict.OLD:
            return False
        change: Document = {"$set": {"n": at.number}}
        if verdict is Verdict.GAP:
            # Nobody can be asked to say it again yet; whoever reads the figures must know.
            log.error("%s lost messages between %d and %d", place["_id"], reached, previous)
            change["$push"] = {"lost": {"after": reached, "up_to": previous}}
        try:
            # every tenant: a position belongs to a shard
            await self._positions.update_one(place, change, upsert=True, session=session)
        except DuplicateKeyError as error:
            raise TransientError("met_another", "another message was written first") from error
        return True

    async def _write(self, session: AsyncClientSession, tenant: str, change: Change) -> None:
        update: Document = {}
        if change.facts:
            update["$set"] = dict(change.facts)
        if change.earliest:
            update["$min"] = dict(change.earliest)
        which = scoped(tenant, {"_id": change.incident_id})
        await self._facts.update_one(which, update, upsert=True, session=session)

    async def _explain(self, tenant: str, change: Change, error: DuplicateKeyError) -> None:
        if await self._facts.find_one(scoped(tenant, {"_id": change.incident_id})) is None:
            raise ConflictError("not_yours", "the incident belongs to another school") from error
        raise TransientError("met_another", "another message was written first") from error


def _place(stream: str, shard: int) -> str:
    return f"{stream}:{shard:02d}"


@contextmanager
def _bounded(within_s: float) -> Iterator[None]:
    """End what is inside in time; TransientError where the same may succeed later."""
    try:
        with pymongo.timeout(within_s):
            yield
    except PyMongoError as error:
        if (
            error.timeout
            or isinstance(error, ConnectionFailure)
            or error.has_error_label("TransientTransactionError")
            or error.has_error_label("RetryableWriteError")
            or error.has_error_label("UnknownTransactionCommitResult")
        ):
            raise TransientError(
                "store_away", "the figures are not to be had; try later"
            ) from error
        raise
