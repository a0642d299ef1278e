"""Spans in the timeline of ``trace``: of a server that keeps some."""

from collections.abc import Iterable
from dataclasses import replace

from taskscope.cli.which_server import running
from taskscope.client.choice import Choice
from taskscope.client.timeline import fetch_spans
from taskscope.errors import TaskscopeError
from taskscope.model.timeline import TimelineEvent, Window, merge
from taskscope.sources.timeline import Notice, Timeline


def with_spans(timeline: Timeline, windows: Iterable[Window], *, server: str | None, now: int) -> Timeline:
    """
    Return the timeline with the task's spans in these windows; without a server it is the same one.

    Raises:
        UsageError: The server's address, or a setting, is wrong.
    """
    rest = running(Choice(server=server))
    if rest is None:
        return timeline
    spans: dict[TimelineEvent, None] = {}
    notices = list(timeline.notices)
    try:
        for window in windows:
            found = fetch_spans(rest, timeline.task.id, window.start, now if window.end is None else window.end)
            spans |= dict.fromkeys(found.events)
            notices += map(Notice, found.notices)
    except TaskscopeError as error:
        about = "spans are not in the timeline: "
        notices.append(Notice.of(error, about=about) if server else Notice(f"{about}{error}"))
    return replace(timeline, events=merge(timeline.events, spans), notices=notices)
