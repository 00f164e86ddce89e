"""One aggregation gives counts and the durations; MongoDB has medians only from version 7."""

from collections.abc import Sequence
from typing import Any

from chassis.tenancy import scoped
from services.reporting.domain.group import Group

_BY = ("week", "theme", "severity", "year_group")


def _since_opened(field: str) -> dict[str, Any]:
    # Null while the later moment is missing.
    return {"$push": {"$subtract": [f"${field}", "$opened_at_ms"]}}


def pipeline(tenant: str, from_ms: int, before_ms: int) -> Sequence[dict[str, Any]]:
    """Incidents of ``tenant`` opened in the time asked for, grouped and in a stable order.

    A fact without ``opened_at_ms`` is an alert that came before its incident: not counted yet.
    """
    opened: dict[str, Any] = {"$gte": from_ms}
    if before_ms:
        opened["$lt"] = before_ms
    return [
        {"$match": scoped(tenant, {"opened_at_ms": opened})},
        {
            "$group": {
                "_id": {key: f"${key}" for key in _BY},
                "incidents": {"$sum": 1},
                "to_notified": _since_opened("notified_at_ms"),
                "to_acknowledged": _since_opened("acknowledged_at_ms"),
                "to_closed": _since_opened("closed_at_ms"),
            }
        },
        {"$sort": {f"_id.{key}": 1 for key in _BY}},
    ]


def to_group(found: dict[str, Any]) -> Group:
    """A result of the pipeline as the domain has it."""
    by = found["_id"]
    return Group(
        theme=by["theme"],
        severity=by["severity"],
        year_group=by.get("year_group"),
        week=by["week"],
        incidents=found["incidents"],
        to_notified=found["to_notified"],
        to_acknowledged=found["to_acknowledged"],
        to_closed=found["to_closed"],
    )
