"""The store as a source of `taskscope logs`, asked over REST."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, closing
from heapq import merge
from itertools import groupby
from typing import Any, Final
from urllib.parse import urlencode

from taskscope.client.log_questions import FUNCTION, questions
from taskscope.client.log_tail import TailReader
from taskscope.client.rest import Rest
from taskscope.client.traces import Traces
from taskscope.clock import SECOND, Clock, system_clock
from taskscope.errors import NotFoundError, UnreachableError
from taskscope.model.log_reading import LogBatch, LogEntry, LogQuestion, LogSelection, TraceEntry, TraceNode
from taskscope.model.timeline import Window
from taskscope.model.trace import TraceSummary, TraceView
from taskscope.model.window import Window as SearchWindow

LIVE: Final = "live tail"
_BROKEN: Final = "waiting for the server"
_PAGE: Final = 1_000
_LATEST_NS: Final = 4_102_444_800_000_000_000
"""2100: the latest time that the store keeps."""
_KNOWN_NS: Final = 7 * 86_400 * SECOND
"""How far back it is looked whether the store has something: as long as it keeps logs unless told otherwise."""
_OVERLAP: Final = "60s"
"""Live tail begins so long before what is there is read: an insert under way is seen by one of both."""
_REMEMBERED_NS: Final = 120 * SECOND
"""How long after a line came in it may be told again."""
_TICK_SECONDS: Final = 1.0
_MOST_TRACES: Final = 1_000
_LONGEST_TRACE_NS: Final = 900 * SECOND


class StoreLogs:
    """The log records that a server keeps, and its traces; each method asks anew."""

    name = "store"

    def __init__(self, rest: Rest, *, clock: Clock = system_clock) -> None:
        """Take a server."""
        self._rest = rest
        self._clock = clock
        self._notices: list[str] = []
        self._told: dict[str, int] = {}
        """Spans of each trace when it was told."""

    def describe(self, selection: LogSelection) -> str:  # noqa: ARG002 (a server has one store)
        """Name the server."""
        return f"the store of {self._rest.url}"

    def has(self, selection: LogSelection) -> bool:
        """Whether it has lines of what is meant, of the last week. It does not know stacks."""
        now = self._clock()
        try:
            asked = [{**each, "start": now - _KNOWN_NS, "end": now, "limit": 1} for each in questions(selection)]
        except NotFoundError:
            return False
        return any(self._rest.get(f"/api/logs?{urlencode(each)}")["lines"] for each in asked)

    def groups(self) -> list[str]:
        """Return the names of the groups that have lines of the last week."""
        now = self._clock()
        found = self._rest.get(f"/api/logs/groups?{urlencode({'start': now - _KNOWN_NS, 'end': now, 'limit': _PAGE})}")
        return sorted({each["group"] for each in found})

    def end_of(self, selection: LogSelection) -> int | None:  # noqa: ARG002 (lines come late, also of a stopped task)
        """Return None: the store does not tell."""
        return None

    def take_notices(self) -> list[str]:
        """Return, once, what is to be said."""
        notices, self._notices = self._notices, []
        return notices

    def read(self, question: LogQuestion) -> Iterator[LogEntry]:
        """Yield the lines of the window, as ``LogSource`` says."""
        parts = [self._pages(each, question) for each in questions(question.selection)]
        for _, run in groupby(merge(*parts, key=lambda each: each.time_ns), key=lambda each: each.time_ns):
            distinct = {each.event_id: each for each in run}  # a line may be of a group and of a task that are named
            yield from sorted(distinct.values(), key=lambda each: (each.group, each.stream))

    def _pages(self, filters: Mapping[str, str], question: LogQuestion) -> Iterator[LogEntry]:
        end = _LATEST_NS if question.window.end is None else question.window.end
        asked = {
            **filters, "pattern": question.pattern, "start": max(0, question.window.start), "end": end,
            "limit": _PAGE, "order": "oldest", "cursor": "",
        }  # fmt: skip
        while True:
            page = self._rest.get(f"/api/logs?{urlencode(asked)}")
            yield from map(_entry, page["lines"])
            asked["cursor"] = page["cursor"]
            if not asked["cursor"]:
                return

    def follow(self, question: LogQuestion) -> Iterator[LogBatch]:
        """Yield the lines from the window's start on, as ``LogSource`` says: those that are there, then live tail."""
        asked = {"pattern": question.pattern, "since": _OVERLAP}
        with ExitStack() as stack:
            tails = [
                stack.enter_context(closing(TailReader(self._rest, {**each, **asked})))
                for each in questions(question.selection)
            ]
            known = _Known(min(each.begin() for each in tails))
            for piece in _pieces(self.read(question), known.is_new):
                yield LogBatch(piece, LIVE, is_backlog=True)
            said = ""
            while True:
                came = [_entry(line) for tail in tails for line in tail.take(_TICK_SECONDS / len(tails))]
                entries = [each for each in came if each.time_ns >= question.window.start and known.is_new(each)]
                known.forget(came)
                trouble = next((tail.trouble for tail in tails if tail.trouble), "")
                notices = (f"{trouble}; trying again",) if trouble and not said else ()
                said = trouble
                yield LogBatch(sorted(entries, key=_order), _BROKEN if trouble else LIVE, notices)

    def traces(self, selection: LogSelection, window: Window) -> Iterator[TraceEntry]:
        """Yield the traces that ended in a window, as ``TraceSource`` says; with functions, those they took part in."""
        end = min(self._clock(), window.end or self._clock()) + 1
        asked = SearchWindow(max(0, window.start - _LONGEST_TRACE_NS), max(end, 1))
        names = (match[1] for each in selection.functions if (match := FUNCTION.fullmatch(each)))
        expression = " OR ".join(f'service("{name}")' for name in names)
        store = Traces(self._rest)
        found: list[TraceSummary] = []
        cursor = ""
        while len(found) < _MOST_TRACES:
            page = store.find(asked, expression, limit=200, cursor=cursor)
            found += page.traces
            cursor = page.cursor
            if not cursor:
                break
        ended = [each for each in found if not each.is_partial and each.start_ns + each.duration_ns in window]
        for each in sorted(ended, key=lambda one: one.start_ns + one.duration_ns):
            if self._told.get(each.trace_id) != each.span_count:
                self._told[each.trace_id] = each.span_count
                yield trace_entry(store.view(each.trace_id))


class _Known:
    """Lines that were told and may come again by live tail: those that came in since it began."""

    def __init__(self, since_ns: int) -> None:
        self._since = since_ns
        self._ids: dict[str, int] = {}

    def is_new(self, entry: LogEntry) -> bool:
        """Whether a line was not told yet; it is, from now on."""
        if entry.event_id in self._ids:
            return False
        ingested = entry.ingested_ns or 0
        if ingested >= self._since:
            self._ids[entry.event_id] = ingested
        return True

    def forget(self, told: Iterable[LogEntry]) -> None:
        """Forget what came in long before what live tail has come to, now and then: it does not go so far back."""
        reached = max((each.ingested_ns or 0 for each in told), default=0) - _REMEMBERED_NS
        if reached > self._since + _REMEMBERED_NS:
            self._since = reached
            self._ids = {key: at for key, at in self._ids.items() if at >= reached}


def _entry(line: Mapping[str, Any]) -> LogEntry:
    try:
        labels = {"service": line["service"], "container": line["container"]}
        if task := line["task_arn"]:
            labels["task"] = task.rpartition("/")[2]
        return LogEntry(
            line["time_ns"],
            line["body"],
            line["group"],
            line["stream"],
            line["ingested_ns"],
            line["cursor"],
            {name: value for name, value in labels.items() if value},
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise UnreachableError(
            f"the server's answer is not understood: {error}", hint="is it of another version than this program?"
        ) from None


def _order(entry: LogEntry) -> tuple[int, str, str]:
    return entry.time_ns, entry.group, entry.stream


def _pieces(entries: Iterable[LogEntry], is_new: Callable[[LogEntry], bool]) -> Iterator[list[LogEntry]]:
    piece: list[LogEntry] = []
    for each in entries:
        if is_new(each):
            piece.append(each)
        if len(piece) == _PAGE:
            yield piece
            piece = []
    yield piece


def trace_entry(view: TraceView) -> TraceEntry:
    """Return the line of a trace among log lines."""
    nodes = [
        TraceNode(
            each.depth,
            each.name,
            None if each.in_progress else each.duration_ns,
            each.http.status or None,
            "" if each.outcome == "ok" else str(each.outcome),
        )
        for each in view.spans
    ]
    start, duration = view.summary.start_ns, view.summary.duration_ns
    return TraceEntry(start + duration, view.summary.trace_id, duration, view.total_spans, tuple(nodes))
