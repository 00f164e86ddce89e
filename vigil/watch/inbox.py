"""Follow a school's incidents: what there is, then each change, through lost connections."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from vigil.graphql.errors import LostError, RefusedError
from vigil.graphql.query import Gateway
from vigil.graphql.subscription import subscription

FIRST_PAUSE_S = 0.5
LONGEST_PAUSE_S = 10.0
NEWEST = 25
AGAIN = 100
"""Rows compared after a lost connection."""

FIELDS = """
  incidentId reference severity theme yearGroup state findingCount openedAt lastFindingAt
  acknowledgedAt closedAt
"""
INBOX = f"""query Inbox($first: Int!, $state: IncidentState, $minimum: Int) {{
  incidents(first: $first, state: $state, minimumSeverity: $minimum) {{
    edges {{ node {{ {FIELDS} }} }}
  }}
}}"""
CHANGES = f"""subscription Changes($minimum: Int) {{
  incidentChanged(minimumSeverity: $minimum) {{ kind missed incident {{ {FIELDS} }} }}
}}"""

Incident = dict[str, Any]
Told = Callable[[str, Incident], None]
"""Told of an incident and what happened to it: ``now`` for what there is, else the change."""


@dataclass
class Inbox:
    """``renew`` gives a new token when the old one has ended; None: that ends the watch."""

    url: str
    token: str
    told: Told
    lost: Callable[[str], None]
    minimum_severity: int | None = None
    renew: Callable[[], Awaitable[str]] | None = None
    watching: asyncio.Event = field(default_factory=asyncio.Event)
    """Set once what there is was told."""
    _seen: dict[str, Incident] = field(default_factory=dict)

    async def watch(self) -> None:
        """Watch until cancelled. Raises RefusedError when the gateway will not have us."""
        pause = FIRST_PAUSE_S
        first = True
        while True:
            try:
                async for _ in self._session(first=first):
                    first, pause = False, FIRST_PAUSE_S
            except LostError as error:
                self.lost(f"{error}; trying again in {pause:g} s")
                await asyncio.sleep(pause)
                pause = min(pause * 2, LONGEST_PAUSE_S)
            except RefusedError as error:
                if not error.signed_out or self.renew is None or pause > FIRST_PAUSE_S:
                    raise
                self.token = await self.renew()
                pause *= 2

    async def _session(self, *, first: bool) -> Any:
        variables = {"minimum": self.minimum_severity}
        async with (
            Gateway(self.url, self.token) as gateway,
            subscription(self.url, self.token, CHANGES, variables) as changes,
        ):
            await self._catch_up(gateway, first=first)
            self.watching.set()
            yield
            async for data in changes:
                change = data["incidentChanged"]
                if change["missed"]:
                    await self._catch_up(gateway, first=False)
                self._tell(change["kind"], change["incident"])
                yield

    async def _catch_up(self, gateway: Gateway, *, first: bool) -> None:
        if first:
            for incident in await self._rows(gateway, NEWEST, "OPEN"):
                self._tell("now", incident)
        for incident in await self._rows(gateway, AGAIN, None):
            if first:
                self._seen.setdefault(incident["incidentId"], incident)
            elif self._seen.get(incident["incidentId"]) != incident:
                self._tell("now", incident)

    async def _rows(self, gateway: Gateway, count: int, state: str | None) -> list[Incident]:
        """The newest, the oldest of them first."""
        data = await gateway.ask(INBOX, first=count, state=state, minimum=self.minimum_severity)
        return [edge["node"] for edge in reversed(data["incidents"]["edges"])]

    def _tell(self, kind: str, incident: Incident) -> None:
        self._seen[incident["incidentId"]] = incident
        self.told(kind, incident)
