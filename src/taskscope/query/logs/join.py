"""The log records of a trace or span, and the traces of a log record: each with its reason. See docs/joins.md."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from taskscope.model.ids import trace_id_to_xray
from taskscope.model.log_line import CONFIDENCE, Because, JoinedLog, LogLine, TraceOfLog
from taskscope.model.span import Span
from taskscope.model.window import Window
from taskscope.query.logs.columns import Row
from taskscope.query.logs.condition import Condition, between
from taskscope.query.logs.mentions import LOG_REQUEST_ATTRIBUTES, REQUEST_ATTRIBUTES, mentions, request_ids
from taskscope.query.logs.places import Place, confidence, place_of_line, place_of_span, running_traces
from taskscope.query.logs.scan import Scan
from taskscope.query.logs.statements import statement
from taskscope.store.api import Reader

MAX_LINES: Final = 1_000
_HOUR_NS: Final = 3_600_000_000_000
_QUARTER_NS: Final = 15 * 60_000_000_000
_SLACK_NS: Final = 1_000_000
"""A line that closes a request may carry the next millisecond: CloudWatch Logs has no finer times."""
_OF_TRACE_ONLY: Final = 0.6
"""Confidence that a line which names the trace belongs to a span of the same service that ran then."""
_MOST_GUESSES: Final = 10
_MOST_TRACES: Final = 100
_MOST_PLACES: Final = 20


def logs_of_trace(
    reader: Reader, spans: Sequence[Span], *, span_id: str = "", limit: int = MAX_LINES
) -> tuple[JoinedLog, ...]:
    """
    Return the log records that belong to a trace, or to one of its spans, in order of time, each by its best reason.

    ``spans`` are all of the trace. What names it is looked for in an hour around it, what a text or a Lambda request
    says in a quarter of one; by task and time only what was written while a span ran. Of each reason at most ``limit``.
    """
    chosen = [span for span in spans if not span_id or span.span_id.hex() == span_id.lower()]
    if not chosen:
        return ()
    found: dict[str, JoinedLog] = {}
    for joined in _joined(reader, spans, chosen, whole=not span_id, limit=limit):
        found.setdefault(joined.line.cursor, joined)
    surest = sorted(found.values(), key=lambda each: -each.confidence)[:limit]
    return tuple(sorted(surest, key=lambda each: (each.line.time_ns, each.line.cursor)))


def _joined(
    reader: Reader, spans: Sequence[Span], chosen: Sequence[Span], *, whole: bool, limit: int
) -> Iterator[JoinedLog]:
    """Yield what belongs together, the best reasons first."""
    trace_id = chosen[0].trace_id
    own = Window(min(span.start_ns for span in chosen), max(span.end_ns for span in chosen) + _SLACK_NS)
    known = {span.span_id.hex() for span in spans}
    names = Condition.of("TraceId = ?", trace_id.hex())
    if whole:
        for line in _lines(reader, _around(own, _HOUR_NS), names, limit):
            yield _because(line, Because.SPAN if line.span_id in known else Because.TRACE)
    else:
        [span] = chosen[:1]
        here = Condition.all(names, Condition.of("SpanId = ?", span.span_id.hex()))
        yield from (_because(each, Because.SPAN) for each in _lines(reader, _around(own, _HOUR_NS), here, limit))
    if requests := tuple(dict.fromkeys(each for span in chosen for each in request_ids(span.attributes))):
        named = _names_request(requests)
        yield from (_because(each, Because.REQUEST) for each in _lines(reader, _around(own, _QUARTER_NS), named, limit))
    text = _text_names(trace_id, None if whole else chosen[0].span_id)
    yield from (_because(each, Because.TEXT) for each in _lines(reader, _around(own, _QUARTER_NS), text, limit))
    if not whole:
        alone = Condition.all(names, Condition.of("SpanId = '' AND ServiceName = ?", chosen[0].resource.service_name))
        yield from (JoinedLog(each, Because.TRACE, _OF_TRACE_ONLY) for each in _lines(reader, own, alone, limit))
    yield from _at_places(reader, chosen, limit)


def _because(line: LogLine, because: Because) -> JoinedLog:
    return JoinedLog(line, because, CONFIDENCE[because])


def _names_request(requests: tuple[str, ...]) -> Condition:
    attributes = (Condition.of(f"has(?, LogAttributes['{name}'])", requests) for name in LOG_REQUEST_ATTRIBUTES)
    return Condition.any(Condition.of("multiSearchAny(Body, ?)", requests), *attributes)


def _text_names(trace_id: bytes, span_id: bytes | None) -> Condition:
    trace = Condition.of("multiSearchAny(Body, ?)", (trace_id.hex(), trace_id_to_xray(trace_id)))
    return trace if span_id is None else Condition.all(trace, Condition.of("position(Body, ?) > 0", span_id.hex()))


def _at_places(reader: Reader, chosen: Sequence[Span], limit: int) -> Iterator[JoinedLog]:
    """Yield lines that name no trace, of the tasks and log groups of spans, while these ran."""
    windows: dict[Place, list[Span]] = defaultdict(list)
    for span in chosen:
        if (place := place_of_span(span)) is not None:
            windows[place].append(span)
    for place, there in list(windows.items())[:_MOST_PLACES]:
        window = Window(min(each.start_ns for each in there), max(each.end_ns for each in there) + _SLACK_NS)
        lines = _lines(reader, window, Condition.all(place.of_logs, Condition.of("TraceId = ''")), limit)
        plain = [each for each in lines if not mentions([each.body]).traces]
        if plain:
            sure = confidence(running_traces(reader, place, *window))
            yield from (JoinedLog(each, Because.TASK, sure) for each in plain)


def _around(window: Window, margin_ns: int) -> Window:
    return Window(max(0, window.start_ns - margin_ns), window.end_ns + margin_ns)


def _lines(reader: Reader, window: Window, condition: Condition, limit: int) -> list[LogLine]:
    scan = Scan(reader, window, condition, newest_first=False, slice_ns=window.end_ns - window.start_ns)
    rows: list[Row] = []
    for batch in scan.batches(None, limit):
        rows += batch
        if len(rows) >= limit:
            break
    return [row.line for row in rows[:limit]]


def trace_of_log(reader: Reader, line: LogLine) -> tuple[TraceOfLog, ...]:
    """Return the traces that a log record may belong to, the surest first, each once; they need not be in the store."""
    found: dict[str, TraceOfLog] = {}
    for each in _traces(reader, line):
        found.setdefault(each.trace_id, each)
    return tuple(sorted(found.values(), key=lambda each: -each.confidence))


def _traces(reader: Reader, line: LogLine) -> Iterator[TraceOfLog]:
    if line.trace_id:
        because = Because.SPAN if line.span_id else Because.TRACE
        yield TraceOfLog(line.trace_id, because, CONFIDENCE[because])
    named = mentions([line.body, *line.attributes.values()])
    window = _around(Window(line.time_ns, line.time_ns + 1), _QUARTER_NS)
    if named.requests:
        any_of = (
            Condition.of(f"has(?, SpanAttributes['{name}'])", tuple(named.requests)) for name in REQUEST_ATTRIBUTES
        )
        there = _known(reader, Condition.all(between(*window), Condition.any(*any_of)))
        yield from _traces_because(there, Because.REQUEST)
    yield from _traces_because(named.traces, Because.TEXT)
    if named.digits:
        yield from _traces_because(
            _known(reader, Condition.of("lower(hex(TraceId)) IN ?", tuple(named.digits))), Because.TEXT
        )
    place = place_of_line(line)
    if place is not None and not line.trace_id and not named.traces:
        running = running_traces(reader, place, line.time_ns - _SLACK_NS, line.time_ns + 1)
        sure = confidence(running)
        yield from (TraceOfLog(each, Because.TASK, sure) for each in running[:_MOST_GUESSES])


def _traces_because(trace_ids: Iterable[str], because: Because) -> Iterator[TraceOfLog]:
    return (TraceOfLog(each, because, CONFIDENCE[because]) for each in trace_ids)


def _known(reader: Reader, condition: Condition) -> Sequence[str]:
    where, parameters = condition.bound()
    question = statement("known_traces", where=where)
    answer = reader.query(question, parameters | {"size": _MOST_TRACES}, max_rows=_MOST_TRACES)
    return [trace for [trace] in answer.rows]
