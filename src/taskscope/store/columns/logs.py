"""Log records as columns of ``otel_logs``."""

from collections.abc import Sequence
from typing import Final

import pyarrow as pa  # type: ignore[import-untyped]  # it has no types

from taskscope.model.log import LogRecord
from taskscope.store.columns.arrays import Shared, hex_ids, maps, repeated, text, times

_EIGHT_BITS: Final = 0xFF
"""What OTLP defines of a record's flags; the Collector's column holds these."""


def log_columns(rows: Sequence[LogRecord]) -> pa.Table:
    """Turn log records into columns."""
    (
        moments, bodies, attributes, resources, scopes, numbers, severities,
        trace_ids, span_ids, flags, names, observed,
    ) = zip(*rows, strict=True)  # fmt: skip
    resource, scope = Shared(resources), Shared(scopes)
    return pa.table(
        {
            "Timestamp": times(moments),
            "ObservedTimestamp": times(observed),
            "TraceId": hex_ids(trace_ids),
            "SpanId": hex_ids(span_ids),
            "TraceFlags": pa.array([each & _EIGHT_BITS for each in flags], pa.uint8()),
            "Flags": pa.array(flags, pa.uint32()),
            "SeverityText": repeated(severities),
            "SeverityNumber": pa.array(numbers, pa.uint8()),
            "ServiceName": resource.texts(lambda each: each.service_name),
            "Body": pa.array([text(body) for body in bodies], pa.string()),
            "Structured": pa.array([not isinstance(body, str) for body in bodies], pa.bool_()),
            "ResourceSchemaUrl": resource.texts(lambda each: each.schema_url),
            "ResourceAttributes": resource.column(lambda every: maps([each.attributes for each in every])),
            "ScopeSchemaUrl": scope.texts(lambda each: each.schema_url),
            "ScopeName": scope.texts(lambda each: each.name),
            "ScopeVersion": scope.texts(lambda each: each.version),
            "ScopeAttributes": scope.column(lambda every: maps([each.attributes for each in every])),
            "LogAttributes": maps(attributes),
            "EventName": repeated(names),
        }
    )
