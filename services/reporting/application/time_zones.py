"""Which time zone does each school keep? A copy of what directory says."""

import asyncio
import logging
from zoneinfo import ZoneInfo

from chassis.errors import TransientError
from contracts.directory.v1.states_pb2 import SchoolState

log = logging.getLogger(__name__)

DEFAULT = ZoneInfo("Europe/London")
"""Directory's own default; every school in England keeps it."""


class TimeZones:
    """Filled by following DIRECTORY; may be asked once ``caught_up`` is set."""

    def __init__(self, caught_up: asyncio.Event) -> None:
        self._caught_up = caught_up
        self._zones: dict[str, ZoneInfo] = {}

    def learn(self, tenant: str, state: SchoolState) -> None:
        """Take over a school's time zone."""
        try:
            self._zones[tenant] = ZoneInfo(state.time_zone)
        except (KeyError, ValueError, OSError):
            # The week of an incident near midnight is not worth standing still for.
            log.warning("school %s has an unknown time zone; %s is used", tenant, DEFAULT.key)
            self._zones[tenant] = DEFAULT

    def of(self, tenant: str) -> ZoneInfo:
        """The school's time zone. Raises TransientError before directory's copy is complete."""
        if not self._caught_up.is_set():
            raise TransientError("directory_unread", "the schools are not known yet")
        return self._zones.get(tenant, DEFAULT)
