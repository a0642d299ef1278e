"""A whole trace, ready to be drawn."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from taskscope.model.attributes import Attributes, attribute_text
from taskscope.model.service_map import NodeKey, NodeKind
from taskscope.model.span import Span
from taskscope.model.trace import ExceptionView, Outcome, Section, SpanView, TraceView
from taskscope.query.rules.called import called_node
from taskscope.query.rules.http import http_exchange
from taskscope.query.rules.outcome import outcome
from taskscope.query.trace.calls import answered
from taskscope.query.trace.exceptions import exceptions_of, recorded_exceptions
from taskscope.query.trace.summary import summary_of
from taskscope.query.trace.waterfall import Waterfall, assemble


def view_trace(spans: Iterable[Span], *, attributes: bool = False, total_spans: int = 0) -> TraceView:
    """
    Show the spans of one trace, at least one, with or without their attributes.

    ``total_spans`` says how many there are where not all were read. The summary has times as they were sent, but for
    start and duration, which are those of the rows.
    """
    waterfall = assemble(spans)
    places: dict[tuple[NodeKey, int], int] = {}
    sections: list[Section] = []
    rows = []
    outcomes = [outcome(span) for span in waterfall.tree.spans]
    recorded = recorded_exceptions(waterfall.tree.spans)
    for row, (node, resource, shift) in enumerate(
        zip(waterfall.tree.nodes, waterfall.tree.resources, waterfall.shifts, strict=True)
    ):
        section = places.setdefault((node, shift), len(sections))
        if section == len(sections):
            sections.append(Section(node, NodeKind.SERVICE, shift, _texts(resource.attributes)))
        rows.append(_row(waterfall, row, section, outcomes[row], recorded, attributes=attributes))
    pairs = zip(rows, answered(waterfall.tree), strict=True)
    inferred = dict.fromkeys(row.called for row, is_answered in pairs if row.called and not is_answered)
    sections += [Section(node, NodeKind.INFERRED) for node in inferred]
    start = min(each.start for each in waterfall.times)
    end = max(each.end for each in waterfall.times)
    summary = replace(summary_of(waterfall.tree, waterfall.root, outcomes), start_ns=start, duration_ns=end - start)
    return TraceView(summary, tuple(sections), tuple(rows), max(total_spans, len(rows)))


def _row(
    waterfall: Waterfall,
    row: int,
    section: int,
    went: Outcome,
    recorded: Mapping[str, ExceptionView],
    *,
    attributes: bool,
) -> SpanView:
    tree = waterfall.tree
    span: Span = tree.spans[row]
    start, end = waterfall.times[row]
    return SpanView(
        span_id=span.span_id.hex(),
        parent=tree.parents[row],
        depth=waterfall.depths[row],
        end_row=waterfall.ends[row],
        section=section,
        name=span.name,
        kind=span.kind,
        start_ns=start,
        duration_ns=end - start,
        own_ns=waterfall.own_ns[row],
        critical=_offsets(waterfall.critical[row], start),
        outcome=went,
        http=http_exchange(span),
        called=called_node(span),
        is_entry=tree.entries[row],
        in_progress=span.in_progress,
        is_orphan=tree.orphans[row],
        exceptions=exceptions_of(span, recorded),
        status_message=span.status_message,
        attributes=_texts(span.attributes) if attributes else {},
    )


def _offsets(stretches: Sequence[tuple[int, int]], start_ns: int) -> tuple[tuple[int, int], ...]:
    return tuple((start - start_ns, end - start_ns) for start, end in stretches)


def _texts(attributes: Attributes) -> Mapping[str, str]:
    return {name: attribute_text(value) for name, value in attributes.items()}
