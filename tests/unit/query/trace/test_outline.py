"""A skeleton straight out of the store."""

from collections.abc import Iterator, Sequence
from itertools import count
from typing import Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from taskscope.model.batch import Signal
from taskscope.model.span import Span, SpanEvent
from taskscope.query.trace.outline import read_skeleton
from taskscope.query.trace.read import read_trace
from taskscope.query.trace.skeleton import skeleton
from taskscope.query.trace.view import view_trace
from taskscope.store.columns.tables import by_table, columns_of
from taskscope.store.engine import Store, open_store
from taskscope.store.migrate import migrate
from tests.unit.query.trace.any_trace import any_trace
from tests.unit.query.trace.documents import MS, segment, sent, span

_numbers = count(1)
_MORE: Final[Sequence[dict[str, str]]] = (
    {},
    {"enduser.id": "u-1", "http.response.status_code": "503", "http.method": "GET", "http.url": "https://shop.test/a"},
    {"aws.xray.annotations": '["aws.xray.annotation.tenant"]', "aws.xray.annotation.tenant": "acme", "user.id": "u-2"},
    {"aws.xray.annotations": '["tenant","gone"]', "tenant": "globex", "http.response.status_code": "429"},
    {"rpc.system": "aws-api", "rpc.service": "S3", "aws.s3.bucket": "papers"},
    {"db.system": "redis", "server.address": "cache.test", "aws.xray.traced": "true"},
    {"aws.xray.document": "segment", "aws.xray.cause": "73d2e9f0a1b2c3d4"},
    {"aws.xray.document": "subsegment", "aws.xray.error": "true"},
)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """Give a store with the newest schema."""
    with open_store(f"chdb://{tmp_path_factory.mktemp('outlines')}") as opened:
        migrate(opened)
        yield opened


def _keep(store: Store, spans: Sequence[Span]) -> bytes:
    """Store spans as a trace of their own; return its id."""
    trace_id = next(_numbers).to_bytes(16)
    for table, positions in by_table(Signal.SPANS, spans).items():
        rows = [spans[position]._replace(trace_id=trace_id) for position in positions]
        store.insert_columns(table, columns_of(table, rows), token=f"{table} {trace_id.hex()}")
    return trace_id


@st.composite
def _any_trace(draw: Any) -> list[Span]:
    """Draw a trace of every shape, with all that a skeleton tells of; two spans of one id differ in time."""
    spans = [
        each._replace(
            attributes={**each.attributes, **draw(st.sampled_from(_MORE))},
            status=draw(st.integers(0, 2)),
            events=[SpanEvent(each.start_ns, draw(st.sampled_from(["exception", "log"])), {})]
            * draw(st.integers(0, 1)),
        )
        for each in draw(any_trace())
    ]
    return list({(each.span_id, each.start_ns, each.end_ns, each.in_progress): each for each in spans}.values())


@settings(max_examples=40, deadline=None)
@given(spans=_any_trace(), max_rows=st.integers(1, 12))
def test_outline_is_the_skeleton_of_the_view(store: Store, spans: list[Span], max_rows: int) -> None:
    """Of any trace, whatever is missing, repeated, circular or on a wrong clock."""
    trace_id = _keep(store, spans)
    read, total = read_trace(store, trace_id)
    expected = skeleton(view_trace(read, total_spans=total), max_rows=max_rows)

    assert read_skeleton(store, trace_id, max_rows=max_rows) == expected


def test_wrong_clocks_are_corrected_in_columns(store: Store) -> None:
    """The callee of the failed request, five seconds early, a consumer, and a call that nobody answered."""
    http = {"request": {"method": "POST", "url": "https://shop.test/orders"}, "response": {"status": 502}}
    web = segment("web", 1, 0, 0.4, user="u-17", http=http, annotations={"tenant": "acme"}, subsegments=[
        segment("pay.test", 3, 0.1, 0.3, namespace="remote", fault=True),
        segment("orders", 5, 0.3, 0.35, namespace="aws", aws={"operation": "PutItem", "table_name": "orders"}),
    ])  # fmt: skip
    pay = segment("pay", 4, -5, -4.9, parent_id=f"{3:016x}", user="u-17")
    trace_id = _keep(store, [*sent(web), *sent(pay)])
    found = read_skeleton(store, trace_id)

    assert found == skeleton(view_trace(read_trace(store, trace_id)[0]))
    assert [(each["name"], each["skew_ns"]) for each in found["services"]] == [
        ("web", 0), ("pay", 5_150 * MS), ("orders", 0),
    ]  # fmt: skip
    assert found["summary"]["users"] == ["u-17"]


def test_outline_of_a_part_says_how_much_there_is(store: Store) -> None:
    """The earliest spans are put together."""
    trace_id = _keep(store, [span(number, 1 if number > 1 else 0, start=number) for number in range(1, 10)])
    found = read_skeleton(store, trace_id, limit=4)
    assert found is not None
    assert (found["total"], found["id"]) == (9, [f"{number:016x}" for number in range(1, 5)])


def test_trace_without_spans_has_no_outline(store: Store) -> None:
    """Nor a trace that was never there."""
    assert read_skeleton(store, bytes(16)) is None
