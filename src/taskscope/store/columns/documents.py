"""X-Ray's datagrams as columns of ``spans`` and ``spans_in_progress``."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import pyarrow as pa  # type: ignore[import-untyped]  # it has no types

from taskscope.errors import MalformedPayloadError
from taskscope.store.columns.flat_spans import flat_span_columns
from taskscope.store.columns.tables import IN_PROGRESS, SPANS
from taskscope.wire.xray.datagram import document_in
from taskscope.wire.xray.flat import add_document
from taskscope.wire.xray.flat_spans import FlatSpans

_AT_ONCE: Final = 400
"""Documents that are rows at the same time: of many more, no cache holds the rows until they are columns."""


@dataclass
class Documents:
    """What documents hold."""

    tables: Mapping[str, pa.Table]
    """Their spans, for each table that gets some."""
    refused: list[tuple[int, str]] = field(default_factory=list)
    """Which documents cannot be read, by their places, and why."""


def document_columns(datagrams: Sequence[bytes], received_ns: Sequence[int]) -> Documents:
    """Turn the documents of datagrams, whose headers are known to be right, into columns."""
    parts: dict[str, list[pa.Table]] = {}
    refused: list[tuple[int, str]] = []
    for start in range(0, len(datagrams), _AT_ONCE):
        flat = FlatSpans()
        for position in range(start, min(start + _AT_ONCE, len(datagrams))):
            try:
                add_document(document_in(datagrams[position]), flat, received_ns=received_ns[position])
            except MalformedPayloadError as error:
                refused.append((position, error.message))
            except Exception as error:  # noqa: BLE001 (a fault of ours must not cost the other documents)
                refused.append((position, f"a fault: {type(error).__name__}: {error}"))
        for table, columns in _by_table(flat).items():
            parts.setdefault(table, []).append(columns)
    return Documents({table: _joined(several) for table, several in parts.items()}, refused)


def _by_table(flat: FlatSpans) -> Mapping[str, pa.Table]:
    if not flat.rows:
        return {}
    columns = flat_span_columns(flat)
    if not flat.running:
        return {SPANS: columns}
    running = np.zeros(columns.num_rows, np.bool_)
    running[flat.running] = True
    tables = {SPANS: columns.filter(pa.array(~running)), IN_PROGRESS: columns.filter(pa.array(running))}
    return {table: some for table, some in tables.items() if some.num_rows}


def _joined(parts: Sequence[pa.Table]) -> pa.Table:
    """Make one table of several: an insert of one block is stored as a whole or not at all."""
    return pa.concat_tables(parts).unify_dictionaries().combine_chunks()
