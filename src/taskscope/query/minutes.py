"""Where figures by the minute come from: computed minutes, and the spans of those that are not computed yet."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from taskscope.clock import SECOND
from taskscope.errors import UsageError
from taskscope.model.window import Window
from taskscope.store.api import Reader
from taskscope.store.minutes import EARLY_SPANS, FRESH_SECONDS, MINUTE_SECONDS, Stretch, minutes_sql

LIVE_SPANS: Final = 500_000
"""Spans that are joined for an answer at most: 9 us each on one core."""
_LIVE_STRETCHES: Final = 20
"""Of minutes that follow one another: what comes late may be scattered."""
_COUNTS: Final = """SELECT sum(Calls), sumIf(Calls, ServiceName = 'unknown_service') FROM spans_by_minute
WHERE Minute >= toDateTime({start:UInt32}, 'UTC') AND Minute < toDateTime({end:UInt32}, 'UTC')"""
_MOST_MINUTES: Final = 50_000
"""A month has 43,200."""
_NOTHING: Final[Mapping[str, Any]] = {}
_AHEAD_SECONDS: Final = 300
"""Senders' clocks may be ahead so much; a window may end at any time."""


class Minutes(NamedTuple):
    """The minutes of a window, and how each is answered."""

    start: int
    """Seconds since the epoch, as is ``end``: whole minutes."""
    end: int
    live: Sequence[tuple[int, int]]
    """What is joined of spans, from when up to when."""
    has_unnamed: bool
    """Whether spans of no named service are in them."""
    is_partial: bool
    """Minutes are missing or old, as there are too many spans that came late."""

    @property
    def parameters(self) -> Mapping[str, Any]:
        """What the query names."""
        return _NOTHING

    def rows_sql(self, name: str) -> str:
        """Return a query for the rows of ``nodes`` or ``edges``, by minute."""
        bounds = [f"Minute >= {_at(self.start)}", f"Minute < {_at(self.end)}"]
        bounds += [f"NOT (Minute >= {_at(start)} AND Minute < {_at(end)})" for start, end in self.live]
        rolled = minutes_sql(f"rolled_{name}", Stretch(()), {"minutes": " AND ".join(bounds)})
        return (
            f"{rolled} UNION ALL {minutes_sql(name, Stretch(self.live, has_unnamed=self.has_unnamed))}"
            if self.live
            else rolled
        )


class Joined(NamedTuple):
    """Spans that are joined for an answer, whether their minutes are computed or not."""

    stretch: Stretch
    chosen: str = ""
    """Condition on spans in addition."""
    parameters: Mapping[str, Any] = _NOTHING
    """What the query names."""
    step_seconds: int = MINUTE_SECONDS
    is_partial: bool = False

    def rows_sql(self, name: str) -> str:
        """Return a query for the rows of ``nodes`` or ``edges``, by step."""
        return minutes_sql(name, self.stretch, chosen=self.chosen, step_seconds=self.step_seconds)


def joined(reader: Reader, window: Window, *, step_seconds: int, now_ns: int) -> Joined:
    """
    Choose the spans of the steps that a window touches, which are shorter than a minute.

    Raises:
        UsageError: They are more than are joined for an answer.
        TaskscopeError: The store does not answer.
    """
    length = step_seconds * SECOND
    start = window.start_ns // length * step_seconds
    end = max(start, -(-min(window.end_ns, now_ns + _AHEAD_SECONDS * SECOND) // length) * step_seconds)
    first, last = whole_minutes(Window(start * SECOND, end * SECOND))
    [[calls, unnamed]] = reader.query(_COUNTS, {"start": first, "end": last}).rows
    if calls > LIVE_SPANS:
        raise UsageError(
            f"there are {calls:,} spans in these minutes; steps of {step_seconds} s are made of {LIVE_SPANS:,} at most",
            hint="take a shorter window, or steps of a minute",
        )
    return Joined(Stretch([(start, end)], has_unnamed=unnamed > 0), step_seconds=step_seconds)


def survey(reader: Reader, window: Window, *, now_ns: int) -> Minutes:
    """
    Say how the minutes that a window touches are answered: those with spans that no computation has seen yet are live,
    the newest first, as many as may be. One with many spans is taken as it was computed a moment ago.

    Raises:
        TaskscopeError: The store does not answer.
    """
    start, end = whole_minutes(Window(window.start_ns, min(window.end_ns, now_ns + _AHEAD_SECONDS * SECOND)))
    which = f"Minute >= {_at(start)} AND Minute < {_at(end)}"
    old = f"(calls <= {EARLY_SPANS} OR rolled.ComputedAt < now() - {FRESH_SECONDS})"
    sql = minutes_sql("states", Stretch(()), {"which": which, "needed": f"calls > rolled.Calls AND {old}"})
    stale = [tuple(map(int, row[:3])) for row in reader.query(sql, max_rows=_MOST_MINUTES).rows]
    has_unnamed = any(unnamed for _, _, unnamed in stale)
    live: list[tuple[int, int]] = []
    spans = 0
    for minute, calls, _ in stale:
        spans += calls
        joins = bool(live) and live[-1][0] == minute + MINUTE_SECONDS
        if live and (spans > LIVE_SPANS or (not joins and len(live) == _LIVE_STRETCHES)):
            return Minutes(start, end, live, has_unnamed, is_partial=True)
        if joins:
            live[-1] = (minute, live[-1][1])
        else:
            live.append((minute, minute + MINUTE_SECONDS))
    return Minutes(start, end, live, has_unnamed, is_partial=False)


def whole_minutes(window: Window) -> tuple[int, int]:
    """Widen a window to whole minutes, in seconds since the epoch."""
    start = window.start_ns // SECOND // MINUTE_SECONDS * MINUTE_SECONDS
    return start, max(start, -(-window.end_ns // (MINUTE_SECONDS * SECOND)) * MINUTE_SECONDS)


def _at(seconds: int) -> str:
    return f"toDateTime({max(0, seconds)}, 'UTC')"
