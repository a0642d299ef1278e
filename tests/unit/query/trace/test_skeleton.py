"""A trace in columns."""

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from taskscope.model.span import Span, SpanKind
from taskscope.query.trace.skeleton import skeleton
from taskscope.query.trace.view import view_trace
from tests.unit.query.trace.any_trace import any_trace
from tests.unit.query.trace.documents import MS, span


def test_columns_are_those_of_the_rows() -> None:
    """Names are said once; times are offsets."""
    columns = skeleton(
        view_trace([
            span(1, took=9, kind=SpanKind.SERVER, name="GET /"),
            span(2, 1, start=1, took=2, name="load"),
            span(3, 1, start=4, took=3, name="load", status=2),
        ])
    )  # fmt: skip
    assert (columns["names"], columns["name"]) == (["GET /", "load"], [0, 1, 1])
    assert columns["start"] == [0, 1 * MS, 4 * MS]
    assert columns["dur"] == [9 * MS, 2 * MS, 3 * MS]
    assert (columns["parent"], columns["depth"], columns["end"]) == ([-1, 0, 0], [0, 1, 1], [3, 2, 3])
    assert [columns["statuses"][each] for each in columns["status"]] == ["ok", "ok", "fault"]
    assert [columns["services"][each]["name"] for each in columns["svc"]] == ["web", "web", "web"]
    assert columns["critical"] == [
        [0, 0, 1 * MS], [0, 3 * MS, 4 * MS], [0, 7 * MS, 9 * MS], [1, 0, 2 * MS], [2, 0, 3 * MS],
    ]  # fmt: skip


@settings(max_examples=40, deadline=None)
@given(spans=any_trace(), max_rows=st.integers(1, 12))
def test_long_trace_keeps_its_upper_levels_and_says_how_long_it_is(spans: list[Span], max_rows: int) -> None:
    """Whole levels, unless the first does not fit; parents and ends point at rows that are there."""
    view = view_trace(spans)
    columns = skeleton(view, max_rows=max_rows)
    count = len(columns["start"])
    levels = [row.depth for row in view.spans]

    assert json.loads(json.dumps(columns)) == columns
    assert columns["total"] == len(levels)
    deepest = max(columns["depth"])
    assert count == min(max_rows, sum(level <= deepest for level in levels))
    assert count in (max_rows, len(levels)) or count + levels.count(deepest + 1) > max_rows
    for row, (parent, end) in enumerate(zip(columns["parent"], columns["end"], strict=True)):
        assert parent == -1 or columns["depth"][parent] == columns["depth"][row] - 1
        assert -1 <= parent < row < end <= count
        assert all(columns["depth"][below] > columns["depth"][row] for below in range(row + 1, end))
