"""Answers: which escalations did this incident have, and who was told when."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from eventsourcing.domain import DomainEventProtocol
from pymongo import ReplaceOne
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.client_session import ClientSession
from pymongo.database import Database

from chassis.store.documents import Document
from chassis.tenancy import scoped
from contracts.alerting.v1.alerting_pb2 import EscalationView, NotificationView
from services.alerting.domain import events as e
from services.alerting.domain.moments import as_ms

COLLECTION = "escalations"


class EscalationsOfIncident:
    """Keeps a document an escalation: ``incident_id``, ``open`` and the view's bytes.

    ``open``: it runs, or somebody still has to be told.
    """

    name = "escalations_of_incident"
    topics: Sequence[str] | None = None

    def handle(
        self,
        rows: Database[Document],
        events: list[tuple[int, DomainEventProtocol[UUID]]],
        session: ClientSession,
    ) -> None:
        """Apply a batch."""
        collection = rows[COLLECTION]
        touched: dict[str, Document] = {}
        for _, event in events:
            if not isinstance(event, e.EscalationEvent) or isinstance(event, e.Declined):
                continue
            key = str(event.originator_id)
            row = touched.get(key) or collection.find_one(
                scoped(event.tenant, {"_id": key}), session=session
            )
            touched[key] = _apply(row, event)
        if touched:
            collection.bulk_write(
                [
                    ReplaceOne(scoped(row["tenant"], {"_id": key}), row, upsert=True)
                    for key, row in touched.items()
                ],
                session=session,
            )


def _apply(row: Document | None, event: e.EscalationEvent) -> Document:
    at_ms = as_ms(event.timestamp)
    if isinstance(event, e.Started):
        view = EscalationView(
            escalation_id=str(event.originator_id),
            incident_id=event.incident_id,
            severity=event.severity,
            state=e.RUNNING,
            started_at_ms=at_ms,
        )
        return _row(event, view, is_open=True)
    if row is None:
        raise LookupError("an escalation's event came before its start")
    view = EscalationView.FromString(row["body"])
    is_open = bool(row["open"])
    match event:
        case e.NotificationRequested():
            view.notifications.append(
                NotificationView(
                    step=event.step,
                    user_id=event.user_id,
                    role=event.role,
                    channel=event.channel,
                    requested_at_ms=at_ms,
                )
            )
        case e.NotificationDelivered():
            _of_step(view, event.step).delivered_at_ms = at_ms
            is_open = is_open and _owes(view)
        case e.NotificationFailed():
            _of_step(view, event.step).failure = event.reason
            is_open = is_open and _owes(view)
        case e.Exhausted():
            view.state, view.ended_at_ms = e.EXHAUSTED, at_ms
            is_open = _owes(view)
        case e.Acknowledged():
            view.state, view.ended_at_ms, is_open = e.ACKNOWLEDGED, at_ms, False
        case e.Ended():
            # That nobody answered stays true after the incident was closed.
            if view.state == e.RUNNING:
                view.state, view.ended_at_ms = e.ENDED, at_ms
            is_open = False
    return _row(event, view, is_open=is_open)


def _owes(view: EscalationView) -> bool:
    return view.state == e.RUNNING or any(
        not n.HasField("delivered_at_ms") and not n.HasField("failure") for n in view.notifications
    )


def _of_step(view: EscalationView, step: int) -> NotificationView:
    return next(n for n in view.notifications if n.step == step)


def _row(event: e.EscalationEvent, view: EscalationView, *, is_open: bool) -> Document:
    return {
        "_id": str(event.originator_id),
        "tenant": event.tenant,
        "incident_id": event.incident_id,
        "started_at_ms": view.started_at_ms,
        "open": is_open,
        "body": view.SerializeToString(),
    }


class EscalationRows:
    """Reads the rows, one school at a time."""

    def __init__(self, database: AsyncDatabase[dict[str, Any]]) -> None:
        self._rows = database[COLLECTION]

    async def prepare(self) -> None:
        """Make the indexes."""
        await self._rows.create_index([("tenant", 1), ("incident_id", 1)])
        await self._rows.create_index([("tenant", 1), ("open", 1)])

    async def of_incident(self, tenant: str, incident_id: str) -> list[bytes]:
        """The views of an incident's escalations, the first one first."""
        found = self._rows.find(scoped(tenant, {"incident_id": incident_id}), {"body": 1})
        return [bytes(row["body"]) async for row in found.sort("started_at_ms")]

    async def open_ones(self, tenant: str) -> list[str]:
        """The ids of the school's escalations that may owe something."""
        found = self._rows.find(scoped(tenant, {"open": True}), {"_id": 1})
        return [str(row["_id"]) async for row in found]
