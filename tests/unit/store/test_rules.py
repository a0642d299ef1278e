"""Rules in SQL: the same answers as their twins in Python."""

from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from taskscope.model.attributes import attribute_text
from taskscope.model.resource import Resource
from taskscope.model.service_map import bucket_of
from taskscope.model.span import Span
from taskscope.query.rules.called import called_node
from taskscope.query.rules.http import http_exchange, user_of
from taskscope.query.rules.node import has_parent, is_call, is_entry, is_inside, service_node
from taskscope.query.rules.outcome import OUTCOMES, outcome
from taskscope.store import rules
from taskscope.store.columns.tables import SPANS, columns_of
from taskscope.store.engine import Store, open_store
from taskscope.store.migrate import migrate
from taskscope.store.rules import render
from tests.unit.query.rules.any_span import any_span

_RULES = [
    "outcome", "is_entry", "is_inside", "has_parent", "is_call", "node_name", "node_type", "called_name", "called_type",
    "http_status", "http_method", "http_url", "user_agent", "client_ip", "user",
]  # fmt: skip
_numbers = count(1)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """Give a store with the newest schema, empty."""
    with open_store(f"chdb://{tmp_path_factory.mktemp('rules')}") as opened:
        migrate(opened)
        yield opened


def _in_python(span: Span) -> list[Any]:
    called = called_node(span) or ("", "")
    http = http_exchange(span)
    return [
        OUTCOMES.index(outcome(span)), is_entry(span), is_inside(span), has_parent(span), is_call(span),
        *service_node(span.resource), *called, http.status, http.method, http.url, http.user_agent, http.client_ip,
        user_of(span),
    ]  # fmt: skip


def _in_sql(store: Store, spans: list[Span], prefix: str) -> list[list[Any]]:
    trace = next(_numbers).to_bytes(16)
    rows = [each._replace(trace_id=trace, span_id=(number + 1).to_bytes(8)) for number, each in enumerate(spans)]
    store.insert_columns(SPANS, columns_of(SPANS, rows), token=trace.hex())
    columns = ", ".join(f"{render(name, prefix)} AS {name}_" for name in _RULES)
    found = store.query(
        f"SELECT {columns} FROM spans AS p WHERE lower(hex(TraceId)) = {{trace:String}} ORDER BY SpanId",  # noqa: S608 (our own files)
        {"trace": trace.hex()},
    )
    return [list(row) for row in found.rows]


@settings(max_examples=15, deadline=None)
@given(spans=st.lists(any_span(), min_size=1, max_size=40), prefix=st.sampled_from(["", "p."]))
def test_sql_and_python_agree_on_what_a_span_means(store: Store, spans: list[Span], prefix: str) -> None:
    """What a list of traces counts in the store is what a single trace shows."""
    found = _in_sql(store, spans, prefix)

    for span, row in zip(spans, found, strict=True):
        assert dict(zip(_RULES, row, strict=True)) == dict(zip(_RULES, _in_python(span), strict=True)), span


@settings(max_examples=20, deadline=None)
@given(durations=st.lists(st.integers(0, 2**53) | st.integers(0, 53).map(lambda power: 2**power), min_size=1))
def test_sql_and_python_put_durations_into_the_same_buckets(store: Store, durations: list[int]) -> None:
    """Histograms of the store and of a single trace can be added up."""
    sql = f"SELECT {render('bucket')} FROM (SELECT arrayJoin({{all:Array(UInt64)}}) AS Duration)"  # noqa: S608 (our own files)
    assert [bucket for [bucket] in store.query(sql, {"all": durations}).rows] == [bucket_of(each) for each in durations]


_TEXTS = ("a/b", 'q"', "\\", "\\u0041", "\u2028\x01", '{"cloud.platform":"in"}')
_VALUES = st.recursive(
    st.text(max_size=6) | st.sampled_from(_TEXTS) | st.integers() | st.booleans(),
    lambda each: (
        st.lists(each, max_size=2) | st.dictionaries(st.sampled_from(["k", "cloud.platform"]), each, max_size=2)
    ),
    max_leaves=4,
)
"""Of attributes; those that do not stand alone hold the key that is looked for."""


@settings(max_examples=15, deadline=None)
@given(
    senders=st.lists(
        st.dictionaries(st.sampled_from(["cloud.platform", "aws", "platform", "x"]), _VALUES), min_size=1, max_size=20
    )
)
def test_quick_function_reads_resources_as_a_parser_does(store: Store, senders: list[dict[str, Any]]) -> None:
    """Whatever is in their values, and where the key is not there, of both writers' texts."""
    trace = next(_numbers).to_bytes(16)
    rows = [
        Span(trace, (number + 1).to_bytes(8), b"", "", 0, 1, 2, {}, Resource(each))
        for number, each in enumerate(senders)
    ]
    store.insert_columns(SPANS, columns_of(SPANS, rows), token=trace.hex())
    written = "JSONExtract(Resource::String, 'Map(String, String)')"
    for text in ("Resource", f"toLowCardinality(toJSONString({written}))"):
        answer = store.query(
            f"SELECT simpleJSONExtractString({text}, 'cloud.platform'), JSONExtractString({text}, 'cloud.platform') "  # noqa: S608 (our own texts)
            "FROM spans WHERE lower(hex(TraceId)) = {trace:String} ORDER BY SpanId",
            {"trace": trace.hex()},
        )
        expected = [attribute_text(each.get("cloud.platform", "")) for each in senders]
        assert answer.rows == [[each, each] for each in expected]


def test_lookups_are_spelled_for_speed_under_any_prefix() -> None:
    """A column of a join, and one that was renamed."""
    assert render("is_inside", "p.") == (
        "(p.SpanAttributes.values[indexOf(p.SpanAttributes.keys, 'aws.xray.document')] NOT IN ('', 'segment'))"
    )
    assert render("is_call", "Source") == "(SourceSpanKind IN (3, 4))"


def test_every_rule_renders() -> None:
    """No file names a rule that is not there."""
    folder = Path(rules.__file__).parent / "sql" / "rules"
    for file in folder.glob("*.sql"):
        assert "$" not in render(file.stem, "p.").replace("]$", "").replace("*$", "")
