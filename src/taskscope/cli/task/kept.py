"""Spans and readings in the timeline of ``trace``: of a server that keeps some."""

from collections.abc import Collection, Iterable
from dataclasses import replace
from typing import Final

from taskscope.cli.which_server import running
from taskscope.client.choice import Choice
from taskscope.client.timeline import fetch_kept
from taskscope.errors import TaskscopeError
from taskscope.model.timeline import Kind, TimelineEvent, Window, merge
from taskscope.sources.timeline import Notice, Timeline

_NAMES: Final = {Kind.SPAN: "spans", Kind.METRIC: "readings"}


def with_kept(
    timeline: Timeline, kinds: Collection[Kind], windows: Iterable[Window], *, server: str | None, now: int
) -> Timeline:
    """
    Return the timeline with the task's spans, and what it used, in these windows; without a server it is the same one.

    Raises:
        UsageError: The server's address, or a setting, is wrong.
    """
    rest = running(Choice(server=server))
    if rest is None:
        return timeline
    kept: dict[TimelineEvent, None] = {}
    notices = list(timeline.notices)
    try:
        for window in windows:
            found = fetch_kept(rest, timeline.task.id, kinds, window.start, now if window.end is None else window.end)
            kept |= dict.fromkeys(found.events)
            notices += map(Notice, found.notices)
    except TaskscopeError as error:
        about = f"{' and '.join(_NAMES[each] for each in kinds)} are not in the timeline: "
        notices.append(Notice.of(error, about=about) if server else Notice(f"{about}{error}"))
    return replace(timeline, events=merge(timeline.events, kept), notices=notices)
