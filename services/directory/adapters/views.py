"""Reads the rows that the projections wrote, once they show all that was written before."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from pymongo.asynchronous.database import AsyncDatabase

from chassis.errors import TransientError
from chassis.store.application import ShardedStore
from chassis.store.commands import CommandRunner
from chassis.store.projections import ProjectionRunner
from chassis.tenancy import PLATFORM, scoped
from services.directory.application.directory import Directory
from services.directory.application.ports import Places, SchoolRow
from services.directory.projections import devices, people, school_list, users_by_role

FRESH_WITHIN_S = 4.0
"""Less than who asks is willing to wait."""


class MongoViews:
    """``projections`` are the runners of this process by their projections' names."""

    def __init__(
        self,
        rows: AsyncDatabase[dict[str, Any]],
        projections: Mapping[str, ProjectionRunner],
        store: ShardedStore[Directory],
        places: Places,
        commands: CommandRunner,
    ) -> None:
        self._rows = rows
        self._projections = projections
        self._store = store
        self._places = places
        self._commands = commands

    async def schools(self) -> list[SchoolRow]:
        """All schools by slug. TransientError when the rows are behind for too long."""
        heads = await self._commands.run(self._heads)
        names = (school_list.SchoolList.name, people.People.name, devices.Devices.name)
        await self._fresh(names, heads)
        found = self._rows[school_list.COLLECTION].find(scoped(PLATFORM)).sort("slug")
        return [await self._school_row(row) async for row in found]

    async def _school_row(self, row: Mapping[str, Any]) -> SchoolRow:
        in_roster = scoped(row["_id"], {"provisional": False, "active": True})
        in_use = scoped(row["_id"], {"active": True})
        return SchoolRow(
            state=bytes(row["body"]),
            name=row["name"],
            people=await self._rows[people.COLLECTION].count_documents(in_roster),
            devices=await self._rows[devices.COLLECTION].count_documents(in_use),
        )

    async def users(self, school: str, role: str) -> list[bytes]:
        """The UserState of each active user, first added first; all roles for an empty one.

        TransientError when the rows are behind for too long, NotFoundError for an unknown school.
        """
        shard, head = await self._commands.run(self._head_of, school)
        await self._fresh((users_by_role.UsersByRole.name,), {shard: head})
        which = scoped(school, {"active": True, **({"role": role} if role else {})})
        found = self._rows[users_by_role.COLLECTION].find(which, {"body": 1}).sort("since")
        return [bytes(row["body"]) async for row in found]

    def _heads(self) -> dict[int, int]:
        # Each shard is asked: the store's own ``heads`` may be older than the write to be shown.
        return {shard: self._head(shard) for shard in self._store.shards_in_use()}

    def _head_of(self, school: str) -> tuple[int, int]:
        shard = self._places.shard_of(school)
        return shard, self._head(shard)

    def _head(self, shard: int) -> int:
        return self._store.shard(shard).recorder.max_notification_id() or 0

    async def _fresh(self, names: Sequence[str], heads: Mapping[int, int]) -> None:
        try:
            await asyncio.gather(
                *(
                    self._projections[name].wait(shard, head, FRESH_WITHIN_S)
                    for name in names
                    for shard, head in heads.items()
                )
            )
        except TimeoutError:
            raise TransientError("views_behind", "the lists are behind; try again soon") from None
