"""Documents become the columns that their rows become."""

import json
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskscope.errors import MalformedPayloadError
from taskscope.model.batch import Signal
from taskscope.store.columns import documents as module
from taskscope.store.columns.documents import document_columns
from taskscope.store.columns.tables import IN_PROGRESS, SPANS, by_table, columns_of
from taskscope.wire.xray.datagram import decode_datagram
from tests.unit.wire.xray.documents import HEADER, NOW, RECORDED, segment, segments, subsegment, subsegments_alone

GOOD = HEADER + json.dumps(segment(subsegments=[subsegment(1)])).encode()
RUNNING = HEADER + json.dumps(segment(end_time=None, in_progress=True, subsegments=[subsegment(1)])).encode()


def by_rows(datagrams: Sequence[bytes]) -> tuple[dict[str, Any], list[tuple[int, str]]]:
    """Return the tables that rows make, as Python values, and what cannot be read."""
    rows = []
    refused = []
    for position, datagram in enumerate(datagrams):
        try:
            rows += decode_datagram(datagram, received_ns=NOW + position)
        except MalformedPayloadError as error:
            refused.append((position, error.message))
    places = by_table(Signal.SPANS, rows)
    return {
        table: columns_of(table, [rows[each] for each in some]).to_pylist() for table, some in places.items()
    }, refused


def by_documents(datagrams: Sequence[bytes]) -> tuple[dict[str, Any], list[tuple[int, str]]]:
    """Return the same of documents."""
    documents = document_columns(datagrams, [NOW + position for position in range(len(datagrams))])
    return {table: columns.to_pylist() for table, columns in documents.tables.items()}, documents.refused


@given(
    st.lists(
        (segments() | subsegments_alone()).map(lambda document: HEADER + json.dumps(document).encode())
        | st.binary(max_size=9).map(lambda rubbish: HEADER + b"{" + rubbish),
        max_size=4,
    )
)
def test_documents_and_rows_make_the_same_columns(datagrams: list[bytes]) -> None:
    """In the same tables and order, with the same reasons for what cannot be read."""
    assert by_documents(datagrams) == by_rows(datagrams)


def test_what_sdks_send_makes_the_same_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    """A few at a time, and all that comes of it is one table."""
    monkeypatch.setattr(module, "_AT_ONCE", 3)
    datagrams = [path.read_bytes() for path in RECORDED]

    assert by_documents(datagrams) == by_rows(datagrams)
    columns = document_columns(datagrams, [NOW] * len(datagrams)).tables[SPANS]
    assert {column.num_chunks for column in columns.columns} == {1}


def test_what_is_in_progress_is_apart() -> None:
    """Row by row: parts of a running segment have ended."""
    documents = document_columns([GOOD, RUNNING], [NOW, NOW])

    assert {table: columns.num_rows for table, columns in documents.tables.items()} == {SPANS: 3, IN_PROGRESS: 1}


def test_fault_of_ours_costs_one_document(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is told as one."""

    def broken(text: bytes, *_: object, **__: object) -> None:
        raise IndexError(f"{len(text)}")

    monkeypatch.setattr(module, "add_document", broken)

    assert document_columns([GOOD], [NOW]).refused == [(0, f"a fault: IndexError: {len(GOOD) - len(HEADER)}")]
