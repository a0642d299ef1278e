"""Spans of X-Ray's documents as the same columns, made of what lies in columns nearly."""

from collections.abc import Sequence
from typing import Final

import numpy as np
import pyarrow as pa  # type: ignore[import-untyped]  # it has no types
from numpy.typing import NDArray

from taskscope.model.ids import SPAN_ID_BYTES, TRACE_ID_BYTES
from taskscope.model.resource import NO_SCOPE
from taskscope.store.columns.arrays import Shared, moments_column, repeated, shaped_maps
from taskscope.store.columns.spans import event_columns, link_columns, origin_columns
from taskscope.wire.xray.flat_spans import FlatSpans, Marks
from taskscope.wire.xray.times import all_nanoseconds

_UNMARKED: Final = Marks(0, "", (), ())


def flat_span_columns(flat: FlatSpans) -> pa.Table:
    """Turn rows of documents into the columns that ``span_columns`` makes of spans; there is at least one."""
    span_ids, parents, names, kinds, starts, ends, shapes = zip(*flat.rows, strict=True)
    trace_ids, resources, counts = zip(*flat.documents, strict=True)
    count = len(flat.rows)
    begun, ended = all_nanoseconds(np.array(starts, np.float64)), all_nanoseconds(np.array(ends, np.float64))
    for row, (start_ns, end_ns) in flat.exact.items():
        begun[row], ended[row] = start_ns, end_ns
    empty = pa.repeat(pa.scalar("", pa.string()), count)
    return pa.table(
        {
            "Timestamp": moments_column(begun),
            "TraceId": _repeated_ids(trace_ids, counts),
            "SpanId": _hex_ids(span_ids),
            "ParentSpanId": _hex_ids(parents),
            "TraceState": empty,
            "Flags": pa.array(np.zeros(count, np.uint32)),
            "SpanName": repeated(names),
            "SpanKind": pa.array(kinds, pa.int32()),
            **origin_columns(Shared(resources, counts), Shared((NO_SCOPE,), (count,))),
            "SpanAttributes": shaped_maps(shapes, flat.texts),
            "Duration": _durations(begun, ended),
            **_marks(flat, count, empty),
        }
    )


def _marks(flat: FlatSpans, count: int, empty: pa.Array) -> dict[str, pa.Array]:
    statuses = np.zeros(count, np.int32)
    messages = empty
    marks = [_UNMARKED] * count
    if flat.marks:
        for row, each in flat.marks.items():
            marks[row] = each
            statuses[row] = each.status
        messages = pa.array([each.message for each in marks], pa.string())
    return {
        "StatusCode": pa.array(statuses),
        "StatusMessage": messages,
        **event_columns([each.events for each in marks]),
        **link_columns([each.links for each in marks]),
    }


def _durations(begun: NDArray[np.int64], ended: NDArray[np.int64]) -> pa.Array:
    return pa.array(np.maximum(ended - begun, 0).astype(np.uint64))


def _hex_ids(texts: Sequence[str]) -> pa.Array:
    data = pa.py_buffer(bytes.fromhex("".join(texts)))
    return pa.FixedSizeBinaryArray.from_buffers(pa.binary(SPAN_ID_BYTES), len(texts), [None, data])


def _repeated_ids(trace_ids: Sequence[bytes], counts: Sequence[int]) -> pa.Array:
    """Make a column of trace ids, each for as many rows as its document has."""
    pairs = zip(trace_ids, counts, strict=True)
    data = pa.py_buffer(b"".join([trace_id * count for trace_id, count in pairs]))
    return pa.FixedSizeBinaryArray.from_buffers(pa.binary(TRACE_ID_BYTES), sum(counts), [None, data])
