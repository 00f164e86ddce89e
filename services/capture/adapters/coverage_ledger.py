"""The coverage ledger in MongoDB, written in bulk once a second.

A SIGKILL loses at most that second of signs of life, never activity: the next one mends it.
"""

import asyncio
import contextlib
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pymongo import UpdateOne
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import PyMongoError

from chassis.tenancy import scoped
from services.capture.domain.coverage import Seen

log = logging.getLogger(__name__)

EVERY_S = 1.0


@dataclass
class _Sign:
    tenant: str
    at_ms: int
    activity_ms: int = 0
    activities: int = 0


class CoverageLedger:
    """One document a device."""

    def __init__(self, database: AsyncDatabase[dict[str, Any]]) -> None:
        self._rows = database["coverage"]
        self._signs: dict[str, _Sign] = {}

    def heard(self, tenant: str, device_id: str, at_ms: int, activities: int) -> None:
        """Note a sign of life; written within a second."""
        sign = self._signs.setdefault(device_id, _Sign(tenant, at_ms))
        sign.at_ms = at_ms
        if activities:
            sign.activity_ms = at_ms
            sign.activities += activities

    async def flush(self) -> None:
        """Write the signs of life. What fails to be written is kept for the next time."""
        signs, self._signs = self._signs, {}
        if not signs:
            return
        writes = [
            UpdateOne(
                scoped(sign.tenant, {"_id": device}),
                {
                    "$max": {"last_seen_ms": sign.at_ms, "last_activity_ms": sign.activity_ms},
                    "$inc": {"activities": sign.activities},
                    "$setOnInsert": {"announced": "never_seen"},
                },
                upsert=True,
            )
            for device, sign in signs.items()
        ]
        try:
            await self._rows.bulk_write(writes, ordered=False)
        except PyMongoError:
            for device, sign in signs.items():
                later = self._signs.setdefault(device, sign)
                if later is not sign:
                    later.activities += sign.activities
            raise

    async def keep(self, stop: asyncio.Event) -> None:
        """Flush every second until ``stop``, and once more."""
        while not stop.is_set():
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), EVERY_S)
            try:
                await self.flush()
            except PyMongoError as error:
                log.warning("the coverage ledger waits for MongoDB: %s", type(error).__name__)

    async def all(self, tenant: str | None = None) -> Sequence[Seen]:
        """What is known, of one school or, for the look for silent devices, of all."""
        query = {} if tenant is None else scoped(tenant)
        return [
            Seen(
                row["_id"],
                row["tenant"],
                row["last_seen_ms"],
                row["last_activity_ms"],
                row["activities"],
                row["announced"],
            )
            async for row in self._rows.find(query)
        ]

    async def announced(self, tenant: str, device_id: str, state: str) -> None:
        """Note which state was published."""
        await self._rows.update_one(
            scoped(tenant, {"_id": device_id}), {"$set": {"announced": state}}
        )
