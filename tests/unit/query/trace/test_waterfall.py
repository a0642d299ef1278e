"""Rows of a waterfall: their order, what they did themselves, and the critical path."""

from itertools import pairwise

from hypothesis import given, settings

from taskscope.model.span import Span, SpanKind
from taskscope.query.trace.tree import NO_PARENT
from taskscope.query.trace.waterfall import Waterfall, assemble
from tests.unit.query.trace.any_trace import any_trace
from tests.unit.query.trace.documents import MS, START, span


@settings(max_examples=40, deadline=None)
@given(spans=any_trace())
def test_rows_are_in_pre_order(spans: list[Span]) -> None:
    """What is below a row follows it, up to its end; siblings begin one after the other."""
    drawn = assemble(spans)
    rows = range(len(drawn.times))
    for row in rows:
        below = {row}
        for other in rows:
            if drawn.tree.parents[other] in below:
                below.add(other)
        assert below == set(range(row, drawn.ends[row]))
        assert drawn.depths[row] == (0 if (up := drawn.tree.parents[row]) == NO_PARENT else drawn.depths[up] + 1)
    for children in [*drawn.tree.children(), [row for row in rows if drawn.tree.parents[row] == NO_PARENT]]:
        assert all(drawn.times[one].start <= drawn.times[two].start for one, two in pairwise(children))


@settings(max_examples=40, deadline=None)
@given(spans=any_trace())
def test_own_time_is_what_no_child_covers(spans: list[Span]) -> None:
    """Counted moment by moment: times are whole milliseconds, or halves of them where clocks were corrected."""
    drawn = assemble(spans)
    for row, children in enumerate(drawn.tree.children()):
        start, end = drawn.times[row]
        step = MS // 2
        free = [
            moment
            for moment in range(start, end, step)
            if not any(drawn.times[child].start <= moment < drawn.times[child].end for child in children)
        ]
        assert abs(drawn.own_ns[row] - len(free) * step) <= step * len(children)


@settings(max_examples=40, deadline=None)
@given(spans=any_trace())
def test_critical_path_covers_the_time_of_the_root_once(spans: list[Span]) -> None:
    """Stretches meet and do not overlap; each lies within its span, below the root."""
    drawn = assemble(spans)
    stretches = sorted(stretch for row in drawn.critical for stretch in row)

    whole = drawn.times[drawn.root]
    assert sum(end - start for start, end in stretches) == whole.end - whole.start
    assert all(one.end == two.start for one, two in pairwise(stretches))
    if stretches:
        assert (stretches[0].start, stretches[-1].end) == whole
    for row, stretches_of_row in enumerate(drawn.critical):
        for start, end in stretches_of_row:
            assert drawn.times[row].start <= start < end <= drawn.times[row].end
            assert drawn.root <= row < drawn.ends[drawn.root]


def _path(drawn: Waterfall) -> dict[int, list[tuple[float, float]]]:
    """Return the stretches by number of the span's id, in milliseconds."""
    return {
        drawn.tree.spans[row].span_id[-1]: [((start - START) / MS, (end - START) / MS) for start, end in stretches]
        for row, stretches in enumerate(drawn.critical)
        if stretches
    }


def test_critical_path_goes_through_the_child_that_ended_last() -> None:
    """The shorter of two at the same time does not matter; between children it is the parent's own."""
    drawn = assemble([
        span(1, took=100, kind=SpanKind.SERVER),
        span(2, 1, start=10, took=50),
        span(3, 1, start=10, took=30),
        span(4, 1, start=70, took=20),
        span(5, 4, start=75, took=5),
    ])  # fmt: skip
    assert _path(drawn) == {1: [(0, 10), (60, 70), (90, 100)], 2: [(10, 60)], 4: [(70, 75), (80, 90)], 5: [(75, 80)]}


def test_child_that_nobody_waited_for_is_not_on_the_path() -> None:
    """It goes on after its parent has ended."""
    drawn = assemble([span(1, took=100, kind=SpanKind.SERVER), span(2, 1, start=10, took=500), span(3, 2, start=10)])
    assert _path(drawn) == {1: [(0, 100)]}


def test_callee_that_answered_before_it_had_finished_is_on_the_path() -> None:
    """Up to the answer."""
    drawn = assemble([
        span(1, took=100, kind=SpanKind.CLIENT),
        span(2, 1, start=10, took=500, kind=SpanKind.SERVER, service="api"),
        span(3, 2, start=20, took=200, service="api"),
    ])  # fmt: skip
    assert _path(drawn) == {1: [(0, 10)], 2: [(10, 20)], 3: [(20, 100)]}


def test_child_that_ends_a_moment_late_is_on_the_path() -> None:
    """Some senders round to milliseconds."""
    assert _path(assemble([span(1, took=100), span(2, 1, start=10, took=90.9)])) == {1: [(0, 10)], 2: [(10, 100)]}


def test_skewed_callee_is_measured_where_it_is_shown() -> None:
    """Own time and path see corrected times."""
    drawn = assemble([
        span(1, took=100, kind=SpanKind.CLIENT),
        span(2, 1, start=-1_000, took=60, kind=SpanKind.SERVER, service="api"),
    ])  # fmt: skip
    assert _path(drawn) == {1: [(0, 20), (80, 100)], 2: [(20, 80)]}
    assert drawn.own_ns == [40 * MS, 60 * MS]


def test_root_is_the_first_span_that_enters_without_a_parent() -> None:
    """Not an orphan that began before it, nor local work."""
    drawn = assemble([span(1, 9, kind=SpanKind.SERVER), span(2, 8, start=1), span(3, start=5, kind=SpanKind.SERVER)])
    assert drawn.tree.spans[drawn.root].span_id[-1] == 3


def test_twenty_thousand_spans_below_one_another_are_no_deeper_than_memory() -> None:
    """Nothing calls itself."""
    count = 20_000
    spans = [span(number, number - 1, start=0, took=1) for number in range(1, count + 1)]
    drawn = assemble(spans)
    assert (drawn.depths[-1], drawn.ends[0]) == (count - 1, count)
    assert drawn.critical[-1] == [(START, START + MS)]
