"""Which rows go into which table."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, Final

import pyarrow as pa  # type: ignore[import-untyped]  # it has no types

from taskscope.errors import MalformedPayloadError
from taskscope.model.batch import Row, Signal
from taskscope.model.change import Subject
from taskscope.model.metric import MetricKind
from taskscope.store.columns.changes import change_columns
from taskscope.store.columns.logs import log_columns
from taskscope.store.columns.metrics import metric_columns
from taskscope.store.columns.spans import span_columns

SPANS: Final = "spans"
IN_PROGRESS: Final = "spans_in_progress"
LOGS: Final = "otel_logs"
METRICS: Final[Mapping[MetricKind, str]] = {kind: f"otel_metrics_{kind}" for kind in MetricKind}
CHANGES: Final[Mapping[Subject, str]] = {subject: f"ecs_{subject}s" for subject in Subject}

_TABLE_OF: Final[Mapping[Signal, Callable[[Any], str]]] = {
    Signal.SPANS: lambda row: IN_PROGRESS if row.in_progress else SPANS,
    Signal.LOGS: lambda _: LOGS,
    Signal.METRICS: lambda row: METRICS[row.metric.kind],
    Signal.CHANGES: lambda row: CHANGES[row.subject],
}
_COLUMNS: Final[Mapping[str, Callable[[Any], pa.Table]]] = {
    SPANS: span_columns,
    IN_PROGRESS: span_columns,
    LOGS: log_columns,
    **{table: partial(metric_columns, kind=kind) for kind, table in METRICS.items()},
    **dict.fromkeys(CHANGES.values(), change_columns),
}


def by_table(signal: Signal, rows: Sequence[Row]) -> Mapping[str, Sequence[int]]:
    """Return for each table the positions of the rows that go into it, in their order."""
    table_of = _TABLE_OF[signal]
    positions: dict[str, list[int]] = {}
    for position, row in enumerate(rows):
        positions.setdefault(table_of(row), []).append(position)
    return positions


def columns_of(table: str, rows: Sequence[Row]) -> pa.Table:
    """
    Turn rows of one table into its columns; there is at least one row.

    Raises:
        MalformedPayloadError: A row does not fit, such as a number that is too large or a text that is no Unicode.
    """
    try:
        return _COLUMNS[table](rows)
    except (pa.ArrowException, OverflowError, ValueError, TypeError) as error:
        raise MalformedPayloadError(f"a row does not fit into {table}: {error}") from error
