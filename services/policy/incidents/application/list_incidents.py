"""Answer a page of the inbox."""

from chassis.auth import Caller
from chassis.errors import TransientError
from chassis.store.projections import ProjectionRunner
from contracts.incidents.v1.views_pb2 import ListIncidentsRequest, ListIncidentsResponse
from services.policy.incidents.application.ports import Inbox
from services.policy.incidents.application.store import WAIT_S, IncidentStore


class ListIncidents:
    """Newest first. ``after_position`` makes the caller's own write visible."""

    def __init__(self, store: IncidentStore, inbox: Inbox, projection: ProjectionRunner) -> None:
        self._store = store
        self._inbox = inbox
        self._projection = projection

    async def handle(self, request: ListIncidentsRequest, caller: Caller) -> ListIncidentsResponse:
        """InvalidError for a bad filter, TransientError when the view is too far behind."""
        await self.wait(caller.tenant, request.after_position)
        return await self._inbox.page(caller.tenant, request)

    async def wait(self, school: str, position: str) -> None:
        """Return once the inbox shows ``position``; at once for an empty one."""
        if not position:
            return
        shard, number = self._store.parse(school, position)
        try:
            await self._projection.wait(shard, number, WAIT_S)
        except TimeoutError:
            raise TransientError(
                "view_behind", "the inbox does not show this write yet; try again"
            ) from None
