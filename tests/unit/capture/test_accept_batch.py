"""What a batch may look like, and what is said of one that may not."""

import json
from typing import Any

import pytest

from services.capture.application.accept_batch import AHEAD_MS, InvalidBatchError, parse

NOW = 1_800_000_000_000


def _body(*activities: dict[str, Any], **batch: Any) -> bytes:
    return json.dumps({"batch_id": "b-1", "activities": list(activities), **batch}).encode()


def _activity(**fields: Any) -> dict[str, Any]:
    return {"id": "a-1", "occurred_at_ms": NOW, "kind": "search", "login": "x", **fields}


def test_a_sound_batch_is_read() -> None:
    batch = parse(_body(_activity(text="romans"), _activity(id="a-2", offline=True)), NOW)
    assert [a.id for a in batch.activities] == ["a-1", "a-2"]


@pytest.mark.parametrize(
    ("body", "field", "index"),
    [
        (b"{", "", None),
        (b"\xff", "", None),
        (_body(), "activities", None),
        (json.dumps({"activities": [_activity()]}).encode(), "batch_id", None),
        (_body(_activity(), school="s"), "school", None),
        (_body(_activity(kind="thought")), "kind", 0),
        (_body(_activity(), _activity(id="a-2", occurred_at_ms="noon")), "occurred_at_ms", 1),
        (_body(_activity(), {"id": "a-2"}), "occurred_at_ms", 1),
        (_body(_activity(received_at=1)), "received_at", 0),
        (_body(_activity(person="p")), "person", 0),
        (_body(_activity(text="x" * 40_000)), "text", 0),
        (_body(_activity(), _activity(id="a-2", login="y")), "login", 1),
        (_body(_activity(), _activity()), "id", 1),
        (_body(_activity(occurred_at_ms=NOW + AHEAD_MS + 1)), "occurred_at_ms", 0),
        (_body(_activity(id="spaces are not ids")), "id", 0),
    ],
)
def test_a_fault_is_named_by_index_and_field(body: bytes, field: str, index: int | None) -> None:
    with pytest.raises(InvalidBatchError) as refused:
        parse(body, NOW)
    assert (refused.value.field, refused.value.index) == (field, index)
    assert "refused whole" in refused.value.message


def test_a_refusal_does_not_quote() -> None:
    with pytest.raises(InvalidBatchError) as refused:
        parse(_body(_activity(kind="zorblefinch", text="zorblefinch")), NOW)
    assert "zorblefinch" not in refused.value.message
