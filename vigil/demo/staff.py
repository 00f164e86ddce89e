"""The demo's safeguarding lead: acknowledges what arrives, all but one incident."""

import asyncio
from dataclasses import dataclass, field
from typing import Any

from vigil.demo.record import Case
from vigil.demo.tempo import ANSWERS_AFTER_S, LEFT_ALONE_FROM
from vigil.graphql.errors import LostError, RefusedError
from vigil.graphql.query import Gateway

TRIES = 20
ACKNOWLEDGE = """mutation Acknowledge($id: ID!) {
  acknowledge(incidentId: $id) { position }
}"""


@dataclass
class SafeguardingLead:
    """``left_alone``: the incident that nobody acknowledges."""

    gateway: Gateway
    left_alone: str = ""
    acknowledged: set[str] = field(default_factory=set)
    _answers: set[asyncio.Task[Any]] = field(default_factory=set)

    def told(self, case: Case) -> None:
        """An alert about ``case`` has arrived."""
        name = case.incident["incidentId"]
        if not self.left_alone and case.incident["severity"] >= LEFT_ALONE_FROM:
            self.left_alone = name
        if name != self.left_alone:
            answer = asyncio.create_task(self._answer(name))
            self._answers.add(answer)
            answer.add_done_callback(self._answers.discard)

    async def _answer(self, incident_id: str) -> None:
        await asyncio.sleep(ANSWERS_AFTER_S)
        try:
            await self.gateway.ask(ACKNOWLEDGE, TRIES, id=incident_id)
        except (LostError, RefusedError):
            return  # the plan climbs then, and the board shows it
        self.acknowledged.add(incident_id)
