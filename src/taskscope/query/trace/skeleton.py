"""A trace in columns, as the console draws it: everything that a bar needs, and nothing more."""

from collections.abc import Iterable, Sequence
from typing import Any, Final

from taskscope.model.document import to_document
from taskscope.model.trace import Outcome, SpanView, TraceView

MAX_ROWS: Final = 200_000
_STATUSES: Final = tuple(Outcome)


def skeleton(view: TraceView, *, max_rows: int = MAX_ROWS) -> dict[str, Any]:
    """
    Return the columns of the rows in pre-order, and what they refer to.

    ``name``, ``svc`` and ``status`` are positions in ``names``, ``services`` and ``statuses``; ``start`` is nanoseconds
    after the trace's start, ``dur`` nanoseconds, ``parent`` a row or -1, ``end`` the row after those below one. Of more
    rows than ``max_rows`` the deepest levels are left out, as many as need be; ``total`` says how many there are.
    """
    rows, parents, ends = _cut(view.spans, max_rows)
    names = {name: place for place, name in enumerate(dict.fromkeys(row.name for row in rows))}
    return {
        "trace_id": view.summary.trace_id,
        "summary": to_document(view.summary),
        "start_ns": str(view.summary.start_ns),
        "duration_ns": view.summary.duration_ns,
        "total": view.total_spans,
        "names": list(names),
        "services": [_service(each) for each in view.sections],
        "statuses": [each.value for each in _STATUSES],
        "start": [row.start_ns - view.summary.start_ns for row in rows],
        "dur": [row.duration_ns for row in rows],
        "parent": parents,
        "depth": [row.depth for row in rows],
        "svc": [row.section for row in rows],
        "name": [names[row.name] for row in rows],
        "status": [_STATUSES.index(row.outcome) for row in rows],
        "end": ends,
        "id": [row.span_id for row in rows],
        "kind": [row.kind for row in rows],
        "own": [row.own_ns for row in rows],
        "in_progress": _places(row.in_progress for row in rows),
        "orphan": _places(row.is_orphan for row in rows),
        "exceptions": _places(bool(row.exceptions) for row in rows),
        "critical": [[place, *offsets] for place, row in enumerate(rows) for offsets in row.critical],
    }


def _service(section: Any) -> dict[str, Any]:
    return {
        "name": section.node.name,
        "type": section.node.type,
        "kind": section.kind.value,
        "skew_ns": section.skew_ns,
    }


def _places(marks: Iterable[bool]) -> list[int]:
    return [place for place, mark in enumerate(marks) if mark]


def _cut(rows: Sequence[SpanView], max_rows: int) -> tuple[list[SpanView], list[int], list[int]]:
    """Keep the upper levels: all of a level or, if the first is too long, what fits of it."""
    limit = _deepest_level(rows, max_rows)
    kept = [place for place, row in enumerate(rows) if row.depth <= limit][:max_rows]
    after = _counts_before(kept, len(rows))
    return (
        [rows[place] for place in kept],
        [after[rows[place].parent] if rows[place].parent >= 0 else -1 for place in kept],
        [after[rows[place].end_row] for place in kept],
    )


def _deepest_level(rows: Sequence[SpanView], max_rows: int) -> int:
    """Return the deepest level down to which all rows are few enough; 0 if not even the first."""
    counts: dict[int, int] = {}
    for row in rows:
        counts[row.depth] = counts.get(row.depth, 0) + 1
    room, level = max_rows, -1
    while (more := counts.get(level + 1, 0)) and more <= room:
        room -= more
        level += 1
    return max(level, 0)


def _counts_before(kept: Sequence[int], length: int) -> list[int]:
    """Return how many of the kept places lie before each place, and before the end."""
    marks = [0] * (length + 1)
    for place in kept:
        marks[place + 1] = 1
    total = 0
    for place, mark in enumerate(marks):
        total += mark
        marks[place] = total
    return marks
