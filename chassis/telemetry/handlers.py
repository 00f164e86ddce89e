"""One span and one duration for each handler, parted from the handler itself."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from opentelemetry import metrics, trace
from opentelemetry.propagate import extract
from opentelemetry.trace import SpanKind, Status, StatusCode

from chassis.errors import VigilError
from chassis.telemetry import names

_KINDS = {
    "ask": SpanKind.CLIENT,
    "answer": SpanKind.SERVER,
    "http": SpanKind.SERVER,
    "consume": SpanKind.CONSUMER,
}
PARENT = "traceparent"

_tracer = trace.get_tracer("vigil")
_duration = metrics.get_meter("vigil").create_histogram(
    names.HANDLER_DURATION, unit="s", description="Time spent in a handler"
)


@contextmanager
def handling(kind: str, name: str, carried: Mapping[str, str] | None = None) -> Iterator[None]:
    """Trace and time a handler; the trace goes on from ``carried`` headers where they hold one.

    Errors are recorded by kind alone: their text could quote content.
    """
    # Nothing else of a stranger's trace: ``tracestate`` is free text, and would travel in clear.
    parent = carried.get(PARENT) if carried else None
    context = extract({PARENT: parent}) if parent else None
    started = time.perf_counter()
    outcome = "ok"
    with _tracer.start_as_current_span(
        name,
        context=context,
        kind=_KINDS[kind],
        attributes={names.HANDLER: name, names.HANDLER_KIND: kind},
        record_exception=False,
        set_status_on_exception=False,
    ) as current:
        try:
            yield
        except BaseException as error:
            outcome = error.kind if isinstance(error, VigilError) else type(error).__name__
            current.set_status(Status(StatusCode.ERROR, outcome))
            raise
        finally:
            _duration.record(
                time.perf_counter() - started,
                {names.HANDLER: name, names.HANDLER_KIND: kind, names.OUTCOME: outcome},
            )
