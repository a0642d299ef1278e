"""Spans as columns of ``spans`` and ``spans_in_progress``."""

from collections.abc import Sequence
from typing import Any

import pyarrow as pa  # type: ignore[import-untyped]  # it has no types

from taskscope.model.ids import SPAN_ID_BYTES, TRACE_ID_BYTES
from taskscope.model.resource import Resource
from taskscope.model.span import Span
from taskscope.store.columns.arrays import Shared, durations, ids, lists, maps, repeated, times
from taskscope.store.columns.json_text import json_text


def span_columns(rows: Sequence[Span]) -> pa.Table:
    """
    Turn spans into columns.

    Raises:
        MalformedPayloadError: An id has a wrong length.
    """
    (
        trace_ids, span_ids, parents, names, kinds, starts, ends, attributes, resources, scopes,
        statuses, messages, events, links, trace_states, flags, _,
    ) = zip(*rows, strict=True)  # fmt: skip
    return pa.table(
        {
            "Timestamp": times(starts),
            "TraceId": ids(trace_ids, TRACE_ID_BYTES),
            "SpanId": ids(span_ids, SPAN_ID_BYTES),
            "ParentSpanId": ids(parents, SPAN_ID_BYTES),
            "TraceState": pa.array(trace_states, pa.string()),
            "Flags": pa.array(flags, pa.uint32()),
            "SpanName": repeated(names),
            "SpanKind": pa.array(kinds, pa.int32()),
            **origin_columns(Shared(resources), Shared(scopes)),
            "SpanAttributes": maps(attributes),
            "Duration": durations(starts, ends),
            "StatusCode": pa.array(statuses, pa.int32()),
            "StatusMessage": pa.array(messages, pa.string()),
            **event_columns(events),
            **link_columns(links),
        }
    )


def origin_columns(resource: Shared, scope: Shared) -> dict[str, pa.Array]:
    """Make the columns of who produced spans."""
    return {
        "ServiceName": resource.texts(_service_name),
        "Resource": resource.texts(lambda each: json_text(each.attributes)),
        "ResourceSchemaUrl": resource.texts(lambda each: each.schema_url),
        "ScopeName": scope.texts(lambda each: each.name),
        "ScopeVersion": scope.texts(lambda each: each.version),
        "ScopeAttributes": scope.texts(lambda each: json_text(each.attributes)),
        "ScopeSchemaUrl": scope.texts(lambda each: each.schema_url),
    }


def _service_name(resource: Resource) -> str:
    return resource.service_name


def event_columns(events: Sequence[Sequence[Any]]) -> dict[str, pa.Array]:
    """Make the columns of spans' events."""
    return {
        "Events.Timestamp": lists(events, lambda each: times([event.time_ns for event in each])),
        "Events.Name": lists(events, lambda each: repeated([event.name for event in each])),
        "Events.Attributes": lists(events, lambda each: maps([event.attributes for event in each])),
    }


def link_columns(links: Sequence[Sequence[Any]]) -> dict[str, pa.Array]:
    """Make the columns of spans' links."""
    return {
        "Links.TraceId": lists(links, lambda each: ids([link.trace_id for link in each], TRACE_ID_BYTES)),
        "Links.SpanId": lists(links, lambda each: ids([link.span_id for link in each], SPAN_ID_BYTES)),
        "Links.TraceState": lists(links, lambda each: pa.array([link.trace_state for link in each], pa.string())),
        "Links.Attributes": lists(links, lambda each: maps([link.attributes for link in each])),
    }
