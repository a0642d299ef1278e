"""
How many rows an export request in Protobuf holds, without reading them.

The schema here is OTLP's with only the fields on the way to a row, and rows without fields. So Protobuf's decoder in C
checks the frames, those of a row's own fields too, and builds nothing inside: 0.06 us for a span of 434 bytes, where a
full parse takes 0.84 and a walk over the bytes in Python, which leaves the fields of a row unchecked, 0.30.
"""

from typing import Any, Final

from google.protobuf.descriptor_pb2 import FieldDescriptorProto, FileDescriptorProto
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message_factory import GetMessageClass

from taskscope.model.batch import Signal
from taskscope.wire.otlp.values import parse

_REPEATED: Final[dict[str, dict[str, tuple[str, int]]]] = {
    "Request": {"resources": ("Resource", 1)},
    "Resource": {"scopes": ("Scope", 2)},
    "Scope": {"rows": ("Row", 2)},
    "MetricsRequest": {"resources": ("MetricsResource", 1)},
    "MetricsResource": {"scopes": ("MetricsScope", 2)},
    "MetricsScope": {"metrics": ("Metric", 2)},
    "Points": {"rows": ("Row", 1)},
    "Row": {},
}
"""Messages with their repeated fields: name, message and number."""

_METRIC_KINDS: Final = {"gauge": 5, "sum": 7, "histogram": 9, "exponential_histogram": 10, "summary": 11}
"""The cases of a metric's ``oneof data``, each a message of points."""


def _schema() -> FileDescriptorProto:
    schema = FileDescriptorProto(name="taskscope/otlp_rows.proto", package="taskscope", syntax="proto3")
    message = FieldDescriptorProto.TYPE_MESSAGE
    for name, fields in _REPEATED.items():
        declared = schema.message_type.add(name=name)
        for field, (kind, number) in fields.items():
            label = FieldDescriptorProto.LABEL_REPEATED
            declared.field.add(name=field, number=number, label=label, type=message, type_name=f".taskscope.{kind}")
    metric = schema.message_type.add(name="Metric")
    metric.oneof_decl.add(name="data")
    for field, number in _METRIC_KINDS.items():
        label = FieldDescriptorProto.LABEL_OPTIONAL
        metric.field.add(
            name=field, number=number, label=label, type=message, type_name=".taskscope.Points", oneof_index=0
        )
    return schema


_POOL: Final = DescriptorPool()
_POOL.Add(_schema())
_REQUEST: Final[Any] = GetMessageClass(_POOL.FindMessageTypeByName("taskscope.Request"))
_METRICS_REQUEST: Final[Any] = GetMessageClass(_POOL.FindMessageTypeByName("taskscope.MetricsRequest"))


def count_rows(signal: Signal, body: bytes) -> int:
    """
    Count the spans, log records or datapoints of an export request, invalid ones too.

    Raises:
        MalformedPayloadError: The body is not framed as such a request. What lies inside a row's fields is not looked
            at, so a body that is counted may still fail to decode.
        ValueError: OTLP knows no such signal.
    """
    match signal:
        case Signal.SPANS | Signal.LOGS:
            scopes = [scope for resource in parse(_REQUEST, body).resources for scope in resource.scopes]
            return sum(len(scope.rows) for scope in scopes)
        case Signal.METRICS:
            scopes = [scope for resource in parse(_METRICS_REQUEST, body).resources for scope in resource.scopes]
            return sum(len(_points(metric)) for scope in scopes for metric in scope.metrics)
        case _:
            raise ValueError(f"OTLP knows no signal {signal}")


def _points(metric: Any) -> Any:
    kind = metric.WhichOneof("data")
    return getattr(metric, kind).rows if kind else ()
