"""OpenTelemetry as AWS has it: ids and headers of X-Ray, spans over OTLP/HTTP to the sidecar."""

import logging

from opentelemetry import propagate, trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.instrumentation.botocore import BotocoreInstrumentor
from opentelemetry.instrumentation.flask import FlaskInstrumentor
from opentelemetry.instrumentation.requests import RequestsInstrumentor
from opentelemetry.instrumentation.sqlite3 import SQLite3Instrumentor
from opentelemetry.propagators.aws import AwsXRayPropagator
from opentelemetry.sdk.extension.aws.trace import AwsXRayIdGenerator
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor


def instrument(service: str) -> None:
    """Instrument everything that the shop uses; to be called before the Flask application is made."""
    provider = TracerProvider(
        id_generator=AwsXRayIdGenerator(), resource=Resource.create({"service.name": service, "service.version": "1.4"})
    )
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(), schedule_delay_millis=200))
    trace.set_tracer_provider(provider)
    propagate.set_global_textmap(AwsXRayPropagator())
    for instrumentor in (FlaskInstrumentor, RequestsInstrumentor, SQLite3Instrumentor, BotocoreInstrumentor):
        instrumentor().instrument()


def log(level: int, message: str) -> None:
    """Write a line of text that names trace and span as OpenTelemetry spells them."""
    context = trace.get_current_span().get_span_context()
    ids = f"trace_id={context.trace_id:032x} span_id={context.span_id:016x}"
    print(f"{logging.getLevelName(level)} {message} {ids}", flush=True)
