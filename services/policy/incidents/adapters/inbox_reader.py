"""Reads pages of the inbox: bodies are handed on unread."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any

from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import PyMongoError

from chassis.errors import InvalidError, TransientError
from chassis.tenancy import scoped
from contracts.incidents.v1.views_pb2 import (
    IncidentRow,
    IncidentView,
    ListIncidentsRequest,
    ListIncidentsResponse,
)
from services.policy.incidents.projections.incident_inbox import COLLECTION

DEFAULT_PAGE = 25
MAX_PAGE = 100

_EQUAL = {"state": "state", "family": "family", "theme": "themes", "year_group": "year_group"}


class InboxReader:
    """Over the projection's collection."""

    def __init__(self, database: AsyncDatabase[dict[str, Any]]) -> None:
        self._rows = database[COLLECTION]

    async def page(self, school: str, request: ListIncidentsRequest) -> ListIncidentsResponse:
        """One page, newest first; InvalidError for a bad cursor or size."""
        first = request.first or DEFAULT_PAGE
        if not 1 <= first <= MAX_PAGE:
            raise InvalidError("bad_first", f"first must be 1 to {MAX_PAGE}")
        wanted = scoped(school, _filter(request))
        seen = {"$and": [wanted, _after(request.after)]} if request.after else wanted
        try:
            rows = [
                row
                async for row in self._rows.find(seen, {"body": 1, "opened_at_ms": 1})
                .sort([("opened_at_ms", -1), ("_id", -1)])
                .limit(first + 1)
            ]
            total = await self._rows.count_documents(wanted)
        except PyMongoError as error:
            raise TransientError("store_away", "the inbox can't be read now") from error
        return ListIncidentsResponse(
            rows=[
                IncidentRow(
                    cursor=_cursor(row["opened_at_ms"], row["_id"]),
                    incident=IncidentView.FromString(row["body"]),
                )
                for row in rows[:first]
            ],
            has_next=len(rows) > first,
            total=total,
        )


def _filter(request: ListIncidentsRequest) -> dict[str, Any]:
    query: dict[str, Any] = {
        column: getattr(request, field)
        for field, column in _EQUAL.items()
        if request.HasField(field)  # type: ignore[arg-type]  # the stub wants literals
    }
    if request.HasField("minimum_severity"):
        query["severity"] = {"$gte": request.minimum_severity}
    opened = {}
    if request.HasField("opened_from_ms"):
        opened["$gte"] = request.opened_from_ms
    if request.HasField("opened_before_ms"):
        opened["$lt"] = request.opened_before_ms
    if opened:
        query["opened_at_ms"] = opened
    return query


def _cursor(opened_at_ms: int, incident: str) -> str:
    return urlsafe_b64encode(f"{opened_at_ms}:{incident}".encode()).decode()


def _after(cursor: str) -> dict[str, Any]:
    try:
        at, _, incident = urlsafe_b64decode(cursor.encode()).decode().partition(":")
        opened = int(at)
    except ValueError:
        raise InvalidError("bad_cursor", "after is not a cursor of this list") from None
    return {
        "$or": [
            {"opened_at_ms": {"$lt": opened}},
            {"opened_at_ms": opened, "_id": {"$lt": incident}},
        ]
    }
