"""A trace goes on through a handler, and nothing else of the caller's does."""

import pytest
from opentelemetry import trace
from opentelemetry.propagate import inject
from opentelemetry.sdk.trace import TracerProvider

from chassis.telemetry import handlers

PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


def test_the_trace_goes_on_without_free_text(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(handlers, "_tracer", TracerProvider().get_tracer("test"))
    carried = {"traceparent": PARENT, "tracestate": "vigil=zorblefinch", "baggage": "a=zorblefinch"}
    sent: dict[str, str] = {}
    with handlers.handling("http", "POST /v1/activities", carried):
        assert trace.get_current_span().get_span_context().trace_id == int(PARENT[3:35], 16)
        inject(sent)
    assert sent["traceparent"].startswith(PARENT[:35])
    assert "zorblefinch" not in str(sent)
