"""An app with OpenTelemetry's SDK: spans, metrics and logs, over the protocol that the environment names."""

import json
import logging
import os
import sys
from contextlib import suppress

from opentelemetry import metrics, trace
from opentelemetry._logs import set_logger_provider
from opentelemetry.exporter.otlp.proto.grpc._log_exporter import OTLPLogExporter as GrpcLogs
from opentelemetry.exporter.otlp.proto.grpc.metric_exporter import OTLPMetricExporter as GrpcMetrics
from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter as GrpcSpans
from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter as HttpLogs
from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter as HttpMetrics
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter as HttpSpans
from opentelemetry.sdk._logs import LoggerProvider, LoggingHandler
from opentelemetry.sdk._logs.export import BatchLogRecordProcessor
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
from opentelemetry.sdk.metrics.view import ExponentialBucketHistogramAggregation, View
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import Link, SpanKind

GRPC = os.environ["OTEL_EXPORTER_OTLP_PROTOCOL"] == "grpc"
tracers = TracerProvider()
tracers.add_span_processor(BatchSpanProcessor(GrpcSpans() if GRPC else HttpSpans()))
trace.set_tracer_provider(tracers)
meters = MeterProvider(
    [PeriodicExportingMetricReader(GrpcMetrics() if GRPC else HttpMetrics(), export_interval_millis=600_000)],
    views=[View(instrument_name="shop.size", aggregation=ExponentialBucketHistogramAggregation())],
)
metrics.set_meter_provider(meters)
loggers = LoggerProvider()
loggers.add_log_record_processor(BatchLogRecordProcessor(GrpcLogs() if GRPC else HttpLogs()))
set_logger_provider(loggers)
logging.getLogger().addHandler(LoggingHandler(logger_provider=loggers))

tracer = trace.get_tracer("shop", "1.2")
with tracer.start_as_current_span("earlier") as earlier:
    pass
with tracer.start_as_current_span(
    "GET /order", kind=SpanKind.SERVER, links=[Link(earlier.get_span_context(), {"why": "retry"})]
) as root:
    root.set_attributes({"text": "grüße 👋", "count": 7, "share": 0.5, "list": ["a", "b"], "yes": True})
    root.add_event("stock looked at", {"items": 3})
    logging.getLogger("shop.orders").error("order %d failed", 1, extra={"customer": "bob"})
    with suppress(ValueError), tracer.start_as_current_span("charge", kind=SpanKind.CLIENT) as charge:
        charge_id = f"{charge.get_span_context().span_id:016x}"
        raise ValueError("card refused")
context = root.get_span_context()

meter = metrics.get_meter("shop", "1.2")
orders = meter.create_counter("shop.orders", unit="1", description="Orders")
orders.add(2, {"kind": "web"})
orders.add(3, {"kind": "web"})
meter.create_up_down_counter("shop.carts").add(-4)
meter.create_gauge("shop.queue").set(2.5)
meter.create_histogram("shop.latency", unit="ms").record(12.0)
meter.create_histogram("shop.size").record(1000)

flushed = [each.force_flush() for each in (tracers, loggers)]  # metrics are sent when their provider shuts down
for provider in (tracers, meters, loggers):
    provider.shutdown()
printed = {
    "flushed": flushed,
    "trace": f"{context.trace_id:032x}",
    "root": f"{context.span_id:016x}",
    "charge": charge_id,
    "earlier": f"{earlier.get_span_context().span_id:016x}",
}
json.dump(printed, sys.stdout)
