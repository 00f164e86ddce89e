"""Logs say where an error arose, never what it quoted."""

import json
import logging
import sys

from chassis.errors import NotFoundError
from chassis.telemetry.logs import JsonFormatter


def _line(error: Exception) -> dict[str, str]:
    try:
        raise error
    except Exception:  # noqa: BLE001 - the very thing that is tested
        record = logging.LogRecord("x", logging.ERROR, "f.py", 1, "failed", (), sys.exc_info())
    return json.loads(JsonFormatter("capture").format(record))


def test_an_unforeseen_error_is_named_and_placed_without_its_text() -> None:
    line = _line(ValueError("zorblefinch"))
    assert line["error"] == "ValueError"
    assert "test_logs.py" in line["at"]
    assert "zorblefinch" not in json.dumps(line)


def test_a_refusal_of_ours_is_quoted() -> None:
    line = _line(NotFoundError("no_school", "this school is not known"))
    assert line["error"] == "NotFoundError: this school is not known"
