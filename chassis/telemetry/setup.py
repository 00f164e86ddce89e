"""Install the OpenTelemetry SDK: always, so that a trace survives every hop; export if asked."""

from pathlib import Path

from opentelemetry import metrics, trace
from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import MetricReader, PeriodicExportingMetricReader
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import (
    BatchSpanProcessor,
    ConsoleSpanExporter,
    SimpleSpanProcessor,
)

from chassis.telemetry import names


def set_up(role: str, *, otlp_endpoint: str = "", span_file: Path | None = None) -> None:
    """Install providers for ``role``. Without an endpoint and a file nothing is exported.

    ``span_file`` gets one JSON object a line; it is for tests and first looks.
    """
    resource = Resource.create({"service.name": f"vigil-{role}", names.ROLE: role})
    tracing = TracerProvider(resource=resource)
    readers: list[MetricReader] = []
    if otlp_endpoint:
        tracing.add_span_processor(
            BatchSpanProcessor(OTLPSpanExporter(endpoint=f"{otlp_endpoint}/v1/traces"))
        )
        readers.append(
            PeriodicExportingMetricReader(
                OTLPMetricExporter(endpoint=f"{otlp_endpoint}/v1/metrics")
            )
        )
    if span_file is not None:
        out = span_file.open("a", buffering=1, encoding="utf-8")
        tracing.add_span_processor(
            SimpleSpanProcessor(
                ConsoleSpanExporter(out=out, formatter=lambda s: s.to_json(indent=None) + "\n")
            )
        )
    trace.set_tracer_provider(tracing)
    metrics.set_meter_provider(MeterProvider(resource=resource, metric_readers=readers))
