"""Spans put together, whatever their shape."""

from collections.abc import Sequence

from hypothesis import given, settings

from taskscope.model.service_map import NodeKey
from taskscope.model.span import Span, SpanKind
from taskscope.query.rules.root import root_of
from taskscope.query.trace.tree import NO_PARENT, link, root_row
from tests.unit.query.trace.any_trace import any_trace
from tests.unit.query.trace.documents import segment, sent, span


@settings(max_examples=40, deadline=None)
@given(spans=any_trace())
def test_each_id_has_one_row_after_its_parent(spans: list[Span]) -> None:
    """However ids and parents are muddled."""
    tree = link(spans)

    assert sorted(each.span_id for each in tree.spans) == sorted({each.span_id for each in spans})
    assert all(parent < row for row, parent in enumerate(tree.parents))
    for each, parent in zip(tree.spans, tree.parents, strict=True):
        assert parent == NO_PARENT or tree.spans[parent].span_id == each.parent_span_id


@settings(max_examples=40, deadline=None)
@given(spans=any_trace())
def test_order_of_arrival_changes_nothing(spans: list[Span]) -> None:
    """Where no two spans of an id differ in worth only by what comes first."""
    distinct = list({(each.span_id, each.in_progress, each.end_ns): each for each in spans}.values())
    assert link(distinct).spans == link(distinct[::-1]).spans


@settings(max_examples=40, deadline=None)
@given(spans=any_trace())
def test_only_missing_parents_and_circles_make_orphans(spans: list[Span]) -> None:
    """One row of a circle loses its parent, and no other row of it."""
    tree = link(spans)
    ids = {each.span_id for each in tree.spans}
    for each, parent, orphan in zip(tree.spans, tree.parents, tree.orphans, strict=True):
        assert orphan == (parent == NO_PARENT and any(each.parent_span_id))
        if orphan and each.parent_span_id in ids:
            assert _leads_back(tree.spans, each)


def _leads_back(spans: Sequence[Span], first: Span) -> bool:
    by_id = {each.span_id: each for each in spans}
    each = by_id[first.parent_span_id]
    for _ in by_id:
        if each.span_id == first.span_id:
            return True
        each = by_id[each.parent_span_id]
    return False


@settings(max_examples=40, deadline=None)
@given(spans=any_trace())
def test_root_is_the_one_that_the_rule_chooses(spans: list[Span]) -> None:
    """Found among the few that enter, if one of them enters by itself."""
    tree = link(spans)
    assert tree.spans[root_row(tree)] is root_of(tree.spans)


def test_circle_is_opened_at_its_earliest_span() -> None:
    """What hangs below it keeps its parent, though it began before."""
    tree = link([span(1, 2, start=5), span(2, 1, start=3), span(3, 1, start=0)])

    assert [(each.span_id[-1], parent) for each, parent in zip(tree.spans, tree.parents, strict=True)] == [
        (2, NO_PARENT),
        (1, 0),
        (3, 1),
    ]
    assert tree.orphans == [True, False, False]


def test_span_that_is_its_own_parent_is_an_orphan() -> None:
    """The smallest circle."""
    assert link([span(1, 1)]).orphans == [True]


def test_completed_document_replaces_the_one_in_progress() -> None:
    """Whichever came first."""
    begun, done = span(1, in_progress=True), span(1, took=5)
    assert list(link([begun, done]).spans) == list(link([done, begun]).spans) == [done]


def test_span_below_another_node_enters_its_own() -> None:
    """Also where nobody marked it as a server's."""
    tree = link([span(1, kind=SpanKind.SERVER), span(2, 1), span(3, 1, service="api")])
    assert dict(zip((each.span_id[-1] for each in tree.spans), tree.entries, strict=True)) == {
        1: True, 2: False, 3: True,
    }  # fmt: skip


def test_subsegments_sent_alone_have_the_node_of_their_segment() -> None:
    """At any depth, in any order of arrival."""
    alone = segment("inner", 3, 0.2, 0.3, type="subsegment", parent_id=f"{2:016x}")
    outer = segment("outer", 2, 0.1, 0.4, type="subsegment", parent_id=f"{1:016x}")
    tree = link([*sent(alone), *sent(outer), *sent(segment("web", 1, 0, 1, origin="AWS::ECS::Fargate"))])

    assert set(tree.nodes) == {NodeKey("web", "AWS::ECS::Fargate")}
    assert tree.entries == [True, False, False]


def test_subsegment_without_its_segment_is_of_an_unknown_service() -> None:
    """Nothing says whose it is."""
    tree = link(sent(segment("inner", 3, 0, 1, type="subsegment", parent_id=f"{2:016x}")))
    assert (list(tree.nodes), tree.entries, tree.orphans) == ([NodeKey("unknown_service", "")], [False], [True])
