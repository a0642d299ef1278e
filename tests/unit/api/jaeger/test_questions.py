"""What clients of Jaeger's API ask."""

import pytest
from starlette.datastructures import QueryParams

from taskscope.api.jaeger.questions import limit_of, lookback_of, question_of, window_of
from taskscope.clock import SECOND
from taskscope.errors import UsageError
from taskscope.model.span import SpanKind
from taskscope.model.window import Window
from taskscope.query.span_search import SpanQuestion

_NOW = 1_700_000_000 * SECOND


@pytest.mark.parametrize(
    ("query", "start", "end"),
    [
        ("", 3600, 0),
        ("lookback=2d", 172_800, 0),
        ("lookback=custom&start=1699999990000000&end=1699999995000000", 10, 5),
        ("end=1699999995000000", 3605, 5),
    ],
)
def test_a_window_is_in_microseconds_or_looks_back(query: str, start: int, end: int) -> None:
    """Jaeger's page sends both, Grafana times only."""
    assert window_of(QueryParams(query), _NOW) == Window(_NOW - start * SECOND, _NOW - end * SECOND)


def test_dependencies_are_asked_for_in_milliseconds() -> None:
    """``endTs`` and ``lookback``."""
    assert lookback_of(QueryParams("endTs=1699999995000&lookback=5000"), _NOW) == Window(
        _NOW - 10 * SECOND, _NOW - 5 * SECOND
    )


def test_a_question_has_service_operation_durations_and_tags() -> None:
    """Tags of both forms; kind and error are no attributes."""
    query = (
        'service=shop&operation=GET+%2F&minDuration=1.5ms&maxDuration=2s&tags={"http.status_code":"500","n":7,"b":true}'
        "&tag=a:b:c&tag=span.kind:server&tag=error:true&limit=5"
    )

    assert question_of(QueryParams(query)) == SpanQuestion(
        "shop",
        "GET /",
        least_ns=1_500_000,
        most_ns=2 * SECOND,
        kind=SpanKind.SERVER,
        failed=True,
        attributes={"a": "b:c", "http.status_code": "500", "n": "7", "b": "true"},
    )
    assert limit_of(QueryParams(query)) == 5


def test_all_operations_is_none_in_particular() -> None:
    """Jaeger's page has a word for it."""
    assert question_of(QueryParams("service=a&operation=all")) == SpanQuestion("a")


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("", "service"),
        ("service=a&tags=x", "tags"),
        ("service=a&tags=[]", "tags"),
        ("service=a&tag=x", "key:value"),
        ("service=a&minDuration=long", "long"),
        ("service=a&tag=span.kind:x", "span.kind"),
        ("service=a&limit=-1", "limit"),
        ("service=a&limit=1501", "limit"),
        ("service=a&start=x", "start"),
        ("service=a&start=99999999999999999999", "start"),
        ("service=a&start=7&end=7", "start"),
        ("service=a&lookback=soon", "soon"),
    ],
)
def test_what_cannot_be_read_is_named(query: str, said: str) -> None:
    """As one of our errors."""
    given = QueryParams(query)

    with pytest.raises(UsageError, match=said):
        (question_of(given), limit_of(given), window_of(given, _NOW))
