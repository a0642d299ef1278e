"""Spans into a store."""

from collections.abc import Iterable

from taskscope.model.span import Span
from taskscope.store.columns.tables import IN_PROGRESS, SPANS, columns_of
from taskscope.store.engine import Store


def keep(store: Store, spans: Iterable[Span]) -> None:
    """Store spans, those in progress in their own table."""
    rows = list(spans)
    for table in (SPANS, IN_PROGRESS):
        found = [span for span in rows if span.in_progress is (table == IN_PROGRESS)]
        if found:
            store.insert_columns(table, columns_of(table, found), token=f"{found[0].trace_id.hex()} {len(found)}")
