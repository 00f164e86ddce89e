"""Alerting's own copy of schools and users, kept from the last states in ``DIRECTORY``."""

import asyncio
import contextlib
from collections.abc import Sequence

from chassis.bus.bus import Bus
from chassis.bus.consume import Meta
from chassis.bus.follow import Following, follow
from chassis.errors import TransientError
from contracts.directory.v1.states_pb2 import SchoolState, UserState

DEFAULT_TIME_ZONE = "Europe/London"
KNOWN_WITHIN_S = 3.0
"""A school that was made a moment ago is on its way here; askers wait six seconds at most."""


class DirectoryCopy:
    """The port ``Directory`` from memory: a thousand schools and their staff are a few megabytes.

    Pupils and devices are not followed.
    """

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._schools: dict[str, SchoolState] = {}
        self._users: dict[str, dict[str, UserState]] = {}
        self._named = asyncio.Condition()
        self._following = {"school": Following(), "user": Following()}

    @property
    def loaded(self) -> bool:
        """Whether everything that directory had said was taken in once."""
        return all(one.caught_up.is_set() for one in self._following.values())

    async def run(self, stop: asyncio.Event) -> None:
        """Follow until ``stop``."""
        await asyncio.gather(
            *(
                follow(
                    self._bus,
                    "DIRECTORY",
                    f"directory.*.{kind}.*",
                    self._take,
                    stop,
                    following=following,
                )
                for kind, following in self._following.items()
            )
        )

    async def _take(self, message: object, meta: Meta) -> None:
        if isinstance(message, SchoolState):
            async with self._named:
                self._schools[meta.tenant] = message
                self._named.notify_all()
        elif isinstance(message, UserState):
            self._users.setdefault(meta.tenant, {})[message.user_id] = message

    def schools(self) -> Sequence[str]:
        """Every school known."""
        return list(self._schools)

    def shard_of(self, tenant: str) -> int:
        """The school's shard. Raises TransientError for a school that the copy lacks."""
        state = self._schools.get(tenant)
        if state is None:
            raise TransientError("unknown_school", "the school is not known here yet")
        return state.shard

    async def know(self, tenant: str) -> None:
        """Wait up to KNOWN_WITHIN_S for the school to be named; TransientError if it is not."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(KNOWN_WITHIN_S), self._named:
                await self._named.wait_for(lambda: tenant in self._schools)
        self.shard_of(tenant)

    def time_zone_of(self, tenant: str) -> str:
        """The school's IANA time zone."""
        state = self._schools.get(tenant)
        return (state.time_zone if state else "") or DEFAULT_TIME_ZONE

    def on_duty(self, tenant: str, role: str) -> str | None:
        """The active user with ``role`` whose id sorts first, so that every start agrees."""
        users = self._users.get(tenant, {}).values()
        return min((u.user_id for u in users if u.active and u.role == role), default=None)

    def has_left(self, tenant: str, user_id: str) -> bool:
        """Whether a user is known to be no longer active."""
        user = self._users.get(tenant, {}).get(user_id)
        return user is not None and not user.active
