"""Traces by what one span of theirs is, by both engines."""

import pytest

from taskscope.model.resource import Resource
from taskscope.model.span import Span, SpanKind, Status
from taskscope.model.window import Window
from taskscope.query.span_search import SpanQuestion, find_trace_ids
from taskscope.store.columns.spans import span_columns
from taskscope.store.engine import Store
from tests.contract.store.rows import RESOURCE, START, span

_WINDOW = Window(START, START + 10**9)
_CART = Resource({"service.name": "cart", "host.name": "a", "a/b": "c/d", 'q"': 'x\\"\n', "all": {"inner": "deep"}})


@pytest.fixture(scope="module")
def spans(store: Store) -> list[Span]:
    """Give five traces of one span each."""
    made = [
        span(0, attributes={"user": "7", "n": 3}),
        span(4, start_ns=START + 5_000, duration_ns=9_000_000, attributes={"user": "8"}),
        span(8, start_ns=START + 6_000, resource=_CART, status=Status.ERROR)._replace(kind=SpanKind.CLIENT),
        span(12, start_ns=START - 1),
        span(16, start_ns=START + 10**9),
    ]
    for resource in (RESOURCE, _CART):
        rows = [each for each in made if each.resource is resource]
        store.insert_columns("spans", span_columns(rows), token=resource.service_name)
    return made


@pytest.mark.parametrize(
    ("question", "numbers"),
    [
        (SpanQuestion("shop"), [1, 0]),
        (SpanQuestion("shop", operation="operation 0"), [1, 0]),
        (SpanQuestion("shop", operation="other"), []),
        (SpanQuestion("shop", least_ns=6_000_000), [1]),
        (SpanQuestion("shop", most_ns=6_000_000), [0]),
        (SpanQuestion("shop", attributes={"user": "7", "n": "3"}), [0]),
        (SpanQuestion("shop", attributes={"user": "7", "n": "4"}), []),
        (SpanQuestion("cart"), [2]),
        (SpanQuestion("cart", attributes={"host.name": "a"}), [2]),
        (SpanQuestion("cart", attributes={"a/b": "c/d", 'q"': 'x\\"\n', "host.name": "a"}), [2]),
        (SpanQuestion("cart", attributes={"all": '{"inner":"deep"}'}), [2]),
        (SpanQuestion("cart", attributes={"inner": "deep"}), []),
        (SpanQuestion("cart", kind=SpanKind.CLIENT, failed=True), [2]),
        (SpanQuestion("cart", kind=SpanKind.SERVER), []),
        (SpanQuestion("cart", failed=False), []),
        (SpanQuestion("none"), []),
    ],
)
def test_a_trace_is_found_by_one_of_its_spans(
    store: Store, spans: list[Span], question: SpanQuestion, numbers: list[int]
) -> None:
    """The newest first, of the window only."""
    assert find_trace_ids(store, _WINDOW, question) == [spans[number].trace_id for number in numbers]


def test_no_more_are_returned_than_were_asked_for(store: Store, spans: list[Span]) -> None:
    """The newest."""
    assert find_trace_ids(store, _WINDOW, SpanQuestion("shop"), limit=1) == [spans[1].trace_id]
