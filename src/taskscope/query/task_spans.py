"""The spans of a task as events of its timeline."""

from functools import cache
from importlib.resources import files
from string import Template
from typing import Final, NamedTuple

from taskscope.clock import MILLISECOND
from taskscope.model.timeline import Kind, TimelineEvent
from taskscope.model.trace import Outcome
from taskscope.model.window import Window
from taskscope.store.api import Reader
from taskscope.store.rules import render

MAX_SPANS: Final = 500
_OUTCOMES: Final = (Outcome.OK, Outcome.ERROR, Outcome.THROTTLE, Outcome.FAULT)
"""As ``store/sql/rules/outcome.sql`` numbers them."""
_LONGEST_REASON: Final = 200


class SpanEvents(NamedTuple):
    """Events, and how many there would be."""

    events: list[TimelineEvent]
    total: int


def task_spans(reader: Reader, task: str, window: Window, *, limit: int = MAX_SPANS) -> SpanEvents:
    """
    Return the spans that entered a task, and those that failed in it, by the start of each.

    ``task`` is an ARN or an id. Of more than ``limit`` the failed ones, then the latest.
    """
    parameters = {"task": task, "start": window.start_ns, "end": window.end_ns, "size": limit}
    rows = reader.query(_statement(), parameters, max_rows=limit).rows
    return SpanEvents([_event(*row[:-1]) for row in rows], rows[0][-1] if rows else 0)


def _event(
    start: int,
    duration: int,
    name: str,
    outcome: int,
    status: int,
    trace_id: str,
    said: str,
    container: str,
    exception: str,
    reason: str,
) -> TimelineEvent:
    """Say name, HTTP status, duration, how it went and why, and the trace."""
    words = [name, *([str(status)] if status else []), f"{duration / MILLISECOND:.3f}ms"]
    if outcome:
        why = ": ".join(filter(None, (exception, reason))) or said
        words.append(f"{_OUTCOMES[outcome]}: {why[:_LONGEST_REASON]}" if why else _OUTCOMES[outcome])
    words.append(f"trace={trace_id}")
    return TimelineEvent(start, Kind.SPAN, " ".join(words), container=container or None)


@cache
def _statement() -> str:
    text = (files("taskscope.query") / "sql" / "task_spans.sql").read_text(encoding="utf-8")
    return Template(text).substitute({name: render(name) for name in ("outcome", "http_status", "is_entry")})
