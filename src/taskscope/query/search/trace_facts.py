"""What filter expressions ask of a whole trace, and which of its spans their braces ask: the plain meaning."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from taskscope.model.service_map import NodeKey
from taskscope.model.span import Span
from taskscope.query.rules.cause import Cause, is_cause
from taskscope.query.rules.node import has_parent, is_call, is_entry
from taskscope.query.rules.root import root_of
from taskscope.query.search.ast import Part, Selector
from taskscope.query.search.span_facts import duration_ns, exceptions, infers, is_called, is_own, node_of


@dataclass(frozen=True, slots=True)
class Element:
    """A span that braces ask about; of a root cause also its place in the list, and its exception in one of those."""

    span: Span
    index: int = 0
    count: int = 0
    exception: tuple[str, str] | None = None
    """Type and message."""


@dataclass(frozen=True)
class TraceFacts:
    """A trace, by its spans: at least one."""

    spans: Sequence[Span]

    @cached_property
    def root(self) -> Span:
        """The span that stands for the trace, as ``TraceSummary`` says."""
        return root_of(self.spans)

    @cached_property
    def answered(self) -> frozenset[bytes]:
        """Ids of the spans under which a span enters a service."""
        return frozenset(span.parent_span_id for span in self.spans if is_entry(span) and has_parent(span))

    @property
    def duration_ns(self) -> int:
        """From the first start to the last end."""
        ends = (span.start_ns + duration_ns(span) for span in self.spans)
        return max(ends) - min(span.start_ns for span in self.spans)

    def is_inferred(self, span: Span) -> bool:
        """Whether a span calls a node that it names and that sends no spans: nothing enters a service under it."""
        return infers(span) and span.span_id not in self.answered

    def coverage(self, span: Span) -> float:
        """Return which share of the root's time a span took; 0 where the root took none."""
        whole = duration_ns(self.root)
        return duration_ns(span) / whole if whole else 0.0

    def of_service(self, selector: Selector, *, asked: bool) -> Sequence[Element]:
        """Return the spans of a node, and the calls to it; what is asked of it is not asked of its calls of others."""
        return [
            Element(span)
            for span in self.spans
            if (is_own(selector, span) and (not asked or is_entry(span) or not is_call(span)))
            or is_called(selector, span)
        ]

    def of_edge(self, source: Selector, target: Selector) -> Sequence[Element]:
        """Return what stands for each call from one node to another."""
        entries = [span for span in self.spans if is_entry(span) and has_parent(span) and is_own(target, span)]
        answered = {span.parent_span_id for span in entries}
        own = [span for span in self.spans if is_own(source, span)]
        callers = {span.span_id for span in own if not is_call(span)}
        calls = [span for span in own if is_call(span) and (span.span_id in answered or is_called(target, span))]
        pairs = [span for span in entries if span.parent_span_id in callers]
        return [Element(span) for span in calls + pairs]

    def root_causes(self, cause: Cause, part: Part) -> Sequence[Element]:
        """Return a list of root causes, in its order."""
        spans = sorted((span for span in self.spans if is_cause(cause, span, self.root)), key=_when)
        if part is Part.SERVICE:
            first: dict[NodeKey, Span] = {}
            for span in spans:
                first.setdefault(node_of(span), span)
            spans = list(first.values())
        if part is Part.EXCEPTION:
            found = [(span, each) for span in spans for each in exceptions(span)]
            return [Element(span, index, len(found), each) for index, (span, each) in enumerate(found)]
        return [Element(span, index, len(spans)) for index, span in enumerate(spans)]


def _when(span: Span) -> tuple[int, bytes]:
    return span.start_ns, span.span_id
