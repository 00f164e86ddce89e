"""Logs as JSON lines. The text of an unforeseen error is left out: it could quote content."""

import json
import logging
import sys
import traceback
from types import TracebackType

from opentelemetry import trace

from chassis.clock import as_iso
from chassis.errors import VigilError


class JsonFormatter(logging.Formatter):
    """time, level, role, logger, message, trace id, and for an error its type and place."""

    def __init__(self, role: str) -> None:
        super().__init__()
        self._role = role

    def format(self, record: logging.LogRecord) -> str:
        """One record, one line."""
        line = {
            "time": as_iso(int(record.created * 1000)),
            "level": record.levelname.lower(),
            "role": self._role,
            "logger": record.name,
            "message": record.getMessage(),
        }
        context = trace.get_current_span().get_span_context()
        if context.is_valid:
            line["trace_id"] = f"{context.trace_id:032x}"
        if record.exc_info and record.exc_info[0] is not None:
            line["error"] = _error(record.exc_info[0], record.exc_info[1])
            line["at"] = _frames(record.exc_info[2])
        return json.dumps(line, ensure_ascii=False)


def _error(cls: type[BaseException], error: BaseException | None) -> str:
    return f"{cls.__name__}: {error.message}" if isinstance(error, VigilError) else cls.__name__


def _frames(tb: TracebackType | None) -> str:
    return " < ".join(
        f"{frame.filename.rsplit('/', 1)[-1]}:{frame.lineno} {frame.name}"
        for frame in reversed(traceback.extract_tb(tb))
    )


def set_up(role: str, level: str = "INFO") -> None:
    """Send every logger of the process to standard error as JSON lines."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter(role))
    logging.basicConfig(level=level, handlers=[handler], force=True)
    # Access logs would hold request lines; the drivers repeat at INFO what spans say better.
    for noisy in ("uvicorn.access", "pymongo", "httpx"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
