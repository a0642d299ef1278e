"""Rows of each signal, as few words as a test needs."""

from taskscope.model.attributes import Attributes, AttributeValue
from taskscope.model.log import LogRecord
from taskscope.model.metric import Datapoint, Metric, MetricKind
from taskscope.model.resource import Resource
from taskscope.model.span import Span, SpanKind

SHOP = Resource({"service.name": "shop", "aws.ecs.task.arn": "arn:aws:ecs:eu-west-1:1:task/prod/0a1b2c"})


def span(number: int, *, start_ns: int, name: str = "", service: str = "", in_progress: bool = False) -> Span:
    """Return a root span of a trace of its own, 5 ms long."""
    resource = Resource({"service.name": service}) if service else SHOP
    end_ns = start_ns if in_progress else start_ns + 5_000_000
    return Span(
        (start_ns // 1_000_000_000).to_bytes(4, "big") + number.to_bytes(12, "big"),
        number.to_bytes(8, "big"),
        b"",
        name or f"row-{number}",
        SpanKind.SERVER,
        start_ns,
        end_ns,
        {},
        resource,
        in_progress=in_progress,
    )


def log(
    body: AttributeValue,
    *,
    time_ns: int,
    attributes: Attributes | None = None,
    resource: Resource = SHOP,
    trace_id: bytes = b"",
    severity_text: str = "",
) -> LogRecord:
    """Return a log record."""
    return LogRecord(time_ns, body, attributes or {}, resource, trace_id=trace_id, severity_text=severity_text)


def gauge(name: str, value: float, *, time_ns: int, resource: Resource = SHOP) -> Datapoint:
    """Return one value of a gauge."""
    return Datapoint(Metric(name, MetricKind.GAUGE), {}, time_ns, value, resource)
