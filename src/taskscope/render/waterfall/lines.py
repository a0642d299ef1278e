"""The lines of a waterfall: what is above it, a part for each service, a line for each span, and why it failed."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import tzinfo
from typing import Final

from taskscope.model.log_line import JoinedLog
from taskscope.model.service_map import NodeKind
from taskscope.model.trace import Outcome, Section, SpanView, TraceView
from taskscope.render.figures import duration
from taskscope.render.text import Paint, escape
from taskscope.render.times import iso
from taskscope.render.waterfall.bars import Scale

_NAME_SHARE: Final = 0.45
"""Of the width; figures take a fixed part, bars the rest."""
_NAME_LEAST: Final = 24
_NAME_MOST: Final = 60
_FIGURES: Final = 30
"""Columns of response, duration and own time."""
_STACK_LINES: Final = 4
_BAD: Final = ("fault", "throttle", "error")
_STYLES: Final[Mapping[Outcome, str]] = {
    Outcome.OK: "ok",
    Outcome.ERROR: "error",
    Outcome.THROTTLE: "throttle",
    Outcome.FAULT: "fault",
}


def plain(text: str, _style: str) -> str:
    """Leave a text without colour."""
    return text


class Waterfall:
    """Draws a trace."""

    def __init__(self, view: TraceView, *, width: int, zone: tzinfo | None, paint: Paint = plain) -> None:
        """``width`` is the terminal's, in characters."""
        self._view = view
        self._zone = zone
        self._paint = paint
        self._name = min(max(round(width * _NAME_SHARE), _NAME_LEAST), _NAME_MOST)
        summary = view.summary
        start_ns = min([summary.start_ns, *(each.start_ns for each in view.spans)])
        end_ns = max(
            [summary.start_ns + summary.duration_ns, *(each.start_ns + each.duration_ns for each in view.spans)]
        )
        self._scale = Scale(start_ns, end_ns - start_ns, max(10, width - self._name - _FIGURES - 3))

    def lines(self, logs: Sequence[JoinedLog] = ()) -> Iterator[str]:
        """Yield all lines; ``logs`` stand below the spans that they belong to."""
        yield from header(self._view, self._zone, self._paint)
        rows: dict[int, list[int]] = defaultdict(list)
        for row, span in enumerate(self._view.spans):
            rows[span.section].append(row)
        below = self._placed(logs)
        yield self._titles()
        for number, section in enumerate(self._view.sections):
            yield ""
            yield self._section(section)
            least = min((self._view.spans[row].depth for row in rows[number]), default=0)
            for row in rows[number]:
                span = self._view.spans[row]
                yield self._row(span, span.depth - least)
                yield from self._notes(span, span.depth - least)
                yield from (self._log(each, span.depth - least) for each in below.get(row, ()))
        if -1 in below:
            yield ""
            yield "logs of this trace that name no span"
            yield from (self._log(each, 0) for each in below[-1])

    def _titles(self) -> str:
        ruler = f"0{duration(self._view.summary.duration_ns):>{max(1, self._scale.width - 1)}}"
        return self._paint(f"{'':{self._name}} {'STATUS':>7} {'DURATION':>10} {'OWN':>10} {ruler}", "time")

    def _section(self, section: Section) -> str:
        title = escape(section.node.name)
        kind = f"  {escape(section.node.type)}" if section.node.type else ""
        marks = [
            "inferred" if section.kind is NodeKind.INFERRED else "",
            f"clock corrected by {'+' if section.skew_ns > 0 else '-'}{duration(abs(section.skew_ns))}"
            if section.skew_ns
            else "",
        ]
        return f"{self._paint(title, 'service')}{kind}{''.join(f'  ({each})' for each in marks if each)}"

    def _row(self, span: SpanView, depth: int) -> str:
        name = _fitted(f"{'  ' * (depth + 1)}{_label(span)}", self._name)
        style = _STYLES[span.outcome]
        status = (
            str(span.http.status) if span.http.status else ("" if span.outcome is Outcome.OK else span.outcome.value)
        )
        took = "running" if span.in_progress else duration(span.duration_ns)
        own = "" if span.in_progress else duration(span.own_ns)
        bar = self._scale.bar(span)
        painted = self._paint(bar, style) if bar.strip() else bar
        return f"{name:{self._name}} {self._paint(f'{status:>7}', style)} {took:>10} {own:>10} {painted}".rstrip()

    def _notes(self, span: SpanView, depth: int) -> Iterator[str]:
        margin = "  " * (depth + 2)
        if span.is_orphan:
            yield f"{margin}(its parent is not here: not sent, not sampled, or not come yet)"
        for exception in span.exceptions:
            said = ": ".join(escape(each) for each in (exception.type, exception.message) if each)
            where = f" (recorded in span {escape(exception.recorded_in)})" if exception.recorded_in else ""
            yield self._paint(f"{margin}! {said}{where}", "fault")
            if exception.recorded_in:  # where the stack is
                continue
            frames = [line.strip() for line in exception.stack.splitlines() if line.strip()]
            shown = [line for line in frames if exception.message not in line or not exception.message]
            yield from (f"{margin}    {escape(line)}" for line in shown[:_STACK_LINES])
            if len(shown) > _STACK_LINES:
                yield f"{margin}    ({len(shown) - _STACK_LINES} more lines: --output json has them)"
        if span.status_message and not span.exceptions:
            yield self._paint(f"{margin}! {escape(span.status_message)}", _STYLES[span.outcome])

    def _log(self, joined: JoinedLog, depth: int) -> str:
        line = joined.line
        level = f"{escape(line.severity.upper())} " if line.severity else ""
        sure = "" if joined.confidence >= _SURE else f"  (by {joined.because.value}, {joined.confidence:.0%} sure)"
        clock = iso(line.time_ns, self._zone)[11:23]
        return f"{'  ' * (depth + 2)}{self._paint(clock, 'time')} {level}{escape(line.body)}{sure}"

    def _placed(self, logs: Iterable[JoinedLog]) -> Mapping[int, list[JoinedLog]]:
        """Put log lines below the rows of their spans; -1 for those that name none here."""
        row_of = {span.span_id: row for row, span in enumerate(self._view.spans)}
        placed: dict[int, list[JoinedLog]] = defaultdict(list)
        for each in sorted(logs, key=lambda joined: joined.line.time_ns):
            placed[row_of.get(each.line.span_id, -1)].append(each)
        return placed


_SURE: Final = 0.95


def header(view: TraceView, zone: tzinfo | None, paint: Paint) -> Iterator[str]:
    """Yield what is said of the trace as a whole."""
    summary = view.summary
    yield f"{xray_spelling(summary.trace_id)}  {iso(summary.start_ns, zone)}  {duration(summary.duration_ns)}"
    request = " ".join(filter(None, (summary.http.method, summary.http.url or summary.root_name)))
    answer = f" -> {summary.http.status}" if summary.http.status else ""
    yield paint(f"{escape(request)}{answer}", _STYLES[summary.root_outcome])
    bad = [_counted(number, name) for name in _BAD if (number := summary.tally.get(name))]
    parts = [_counted(summary.span_count, "span"), _counted(len(summary.nodes), "service"), *bad]
    yield ", ".join(parts)
    yield from _warnings(view)


def _counted(number: int, name: str) -> str:
    return f"{number} {name}" if number == 1 else f"{number} {name}s"


def _warnings(view: TraceView) -> Iterator[str]:
    if view.summary.is_partial:
        yield "in progress: spans are still to come"
    if view.summary.is_orphan:
        yield "the beginning is missing: its first span names a parent that is not here"
    if view.total_spans > len(view.spans):
        yield f"showing {len(view.spans)} of {view.total_spans} spans"


def xray_spelling(trace_id: str) -> str:
    """Write a trace id of 32 hex digits as X-Ray does."""
    return f"1-{trace_id[:8]}-{trace_id[8:]}"


def _label(span: SpanView) -> str:
    called = f" -> {span.called.name}" if span.called is not None and span.called.name != span.name else ""
    return escape(f"{span.name}{called}")


def _fitted(text: str, width: int) -> str:
    return text if len(text) <= width else f"{text[: width - 1]}\u2026"
