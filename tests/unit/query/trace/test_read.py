"""Spans out of a real store."""

from collections.abc import Iterator, Sequence
from itertools import count
from pathlib import Path
from typing import Final

import pytest

from taskscope.model.attributes import Attributes, attribute_text
from taskscope.model.batch import Signal
from taskscope.model.resource import Resource, Scope
from taskscope.model.span import Span, SpanEvent, SpanKind, SpanLink
from taskscope.model.window import Window
from taskscope.query.trace.documents import segment_documents
from taskscope.query.trace.read import count_spans, read_spans, read_trace
from taskscope.store.columns.tables import by_table, columns_of
from taskscope.store.engine import Store, open_store
from taskscope.store.migrate import migrate
from taskscope.wire.xray.decode import decode_document
from tests.unit.query.trace.documents import MS, START, TRACE, span

CAPTURES: Final = Path(__file__).parents[3] / "fixtures" / "xray"
_tokens = count()


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """Give a store with the newest schema."""
    with open_store(f"chdb://{tmp_path_factory.mktemp('traces')}") as store:
        migrate(store)
        yield store


@pytest.fixture
def store(opened: Store) -> Store:
    """Give the module's store without any rows."""
    for table in ("spans", "spans_in_progress"):
        opened.execute(f"TRUNCATE TABLE `{opened.database}`.{table}")
    return opened


def _put(store: Store, spans: Sequence[Span]) -> None:
    for table, positions in by_table(Signal.SPANS, spans).items():
        rows = [spans[position] for position in positions]
        store.insert_columns(table, columns_of(table, rows), token=f"{table} {next(_tokens)}")


def _texts(attributes: Attributes) -> Attributes:
    return {name: attribute_text(value) for name, value in attributes.items()}


def _spelled(span: Span) -> str:
    return repr(
        span._replace(
            kind=int(span.kind),
            parent_span_id=span.parent_span_id if any(span.parent_span_id) else b"",
            attributes=_texts(span.attributes),
            resource=Resource(_texts(span.resource.attributes), span.resource.schema_url),
            scope=Scope(span.scope.name, span.scope.version, _texts(span.scope.attributes), span.scope.schema_url),
            events=[each._replace(attributes=_texts(each.attributes)) for each in span.events],
            links=[each._replace(attributes=_texts(each.attributes)) for each in span.links],
        )
    )


def _captured() -> list[Span]:
    return [
        each
        for file in sorted(CAPTURES.glob("s[ht]*.bin"))
        for each in decode_document(file.read_bytes().partition(b"\n")[2], received_ns=START)
    ]


def test_spans_come_back_as_they_were_but_for_types_of_attributes(store: Store) -> None:
    """Ids, times to the nanosecond, events, links, resources and scopes."""
    full = span(1, 2, start=3.000_001, took=5.000_002, kind=SpanKind.CLIENT, status=2)._replace(
        attributes={"text": 'a "b"\n\u00e9', "number": 1.5, "list": [1, "x"], "empty": ""},
        resource=Resource({"service.name": "web", "host.name": "a/b"}, "https://schema"),
        scope=Scope("lib", "1.2", {"k": True}, "https://scope"),
        status_message="broken",
        events=[SpanEvent(START + 1, "exception", {"exception.type": "E"}), SpanEvent(START + 2, "note", {})],
        links=[SpanLink(bytes(range(16)), bytes(range(8)), "a=b", {"why": 7})],
        trace_state="x=y",
        flags=257,
    )
    _put(store, [full, *_captured()])

    read = read_spans(store, [TRACE, *{each.trace_id for each in _captured()}])

    assert sorted(map(_spelled, read)) == sorted(map(_spelled, [full, *_captured()]))
    assert [each.start_ns for each in read] == sorted(each.start_ns for each in read)


def test_documents_of_x_ray_come_back_as_they_were_sent(store: Store) -> None:
    """Whole, out of a store that keeps texts."""
    _put(store, _captured())
    kept = segment_documents(read_spans(store, list({each.trace_id for each in _captured()})))
    assert sorted(kept) == sorted(segment_documents(_captured()))


def test_spans_share_their_sender(store: Store) -> None:
    """As objects: what is made of it is made once."""
    scopes = [Scope("a"), Scope("b")]
    _put(store, [span(number, 1)._replace(scope=scopes[number % 2]) for number in range(1, 6)])
    assert len({id(each.resource) for each in read_spans(store, [TRACE])}) == 1


def test_span_in_progress_is_there_until_it_is_completed(store: Store) -> None:
    """Of several states the newest."""
    begun = span(1, in_progress=True, name="begun")
    _put(store, [begun, span(2, 1, in_progress=True)])
    assert [(each.span_id[-1], each.in_progress) for each in read_spans(store, [TRACE])] == [(1, True), (2, True)]

    _put(store, [span(1, took=5)])

    assert [(each.span_id[-1], each.in_progress) for each in read_spans(store, [TRACE])] == [(1, False), (2, True)]
    assert count_spans(store, [TRACE]) == 2


def test_window_leaves_out_what_began_before_or_after(store: Store) -> None:
    """From its start up to its end."""
    _put(store, [span(number, start=number) for number in (1, 2, 3)])
    window = Window(START + 2 * MS, START + 3 * MS)
    assert [each.span_id[-1] for each in read_spans(store, [TRACE], window=window)] == [2]
    assert count_spans(store, [TRACE], window=window) == 1


def test_long_trace_is_read_up_to_the_limit_and_counted_whole(store: Store) -> None:
    """The earliest spans."""
    _put(store, [span(number, start=number) for number in range(1, 8)])
    assert [each.span_id[-1] for each in read_spans(store, [TRACE], limit=3)] == [1, 2, 3]
    assert count_spans(store, [TRACE]) == 7
    assert [(len(spans), total) for spans, total in (read_trace(store, TRACE, limit=each) for each in (3, 7, 9))] == [
        (3, 7),
        (7, 7),
        (7, 7),
    ]


def test_unknown_trace_has_no_spans(store: Store) -> None:
    """Nor has no trace."""
    assert read_spans(store, [bytes(range(16))]) == []
    assert read_spans(store, []) == []
    assert (count_spans(store, []), count_spans(store, [bytes(range(16))])) == (0, 0)


def test_few_spans_are_read_as_many_are(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """A row for each span, or columns for each sender: the same spans come of both."""
    spans = [each for each in _captured() if not each.in_progress]
    _put(store, spans)
    traces = sorted({each.trace_id for each in spans})
    few = read_spans(store, traces)
    monkeypatch.setattr("taskscope.query.trace.read._FEW", 1)
    assert list(map(_spelled, few)) == list(map(_spelled, read_spans(store, traces)))
    assert len(few) > 1
