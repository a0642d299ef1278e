"""A trace in columns, as the console draws it: everything that a bar needs, and nothing more."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, Final

from taskscope.model.document import to_document
from taskscope.model.trace import Outcome, Section, TraceSummary, TraceView

MAX_ROWS: Final = 200_000
_STATUSES: Final = tuple(Outcome)
_NUMBERS: Final[Mapping[Outcome, int]] = {each: place for place, each in enumerate(_STATUSES)}


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows in pre-order, in columns; see ``SpanView``."""

    starts: Sequence[int]
    durations: Sequence[int]
    parents: Sequence[int]
    depths: Sequence[int]
    sections: Sequence[int]
    names: Sequence[str]
    outcomes: Sequence[Outcome]
    ends: Sequence[int]
    ids: Sequence[str]
    kinds: Sequence[int]
    own: Sequence[int]
    in_progress: Sequence[bool]
    orphans: Sequence[bool]
    exceptions: Sequence[bool]
    critical: Sequence[list[int]]
    """Row, from and to; in the order of the rows."""


def skeleton(view: TraceView, *, max_rows: int = MAX_ROWS) -> dict[str, Any]:
    """Return a view as ``drawn`` does."""
    spans = view.spans
    rows = Rows(
        [row.start_ns for row in spans],
        [row.duration_ns for row in spans],
        [row.parent for row in spans],
        [row.depth for row in spans],
        [row.section for row in spans],
        [row.name for row in spans],
        [row.outcome for row in spans],
        [row.end_row for row in spans],
        [row.span_id for row in spans],
        [row.kind for row in spans],
        [row.own_ns for row in spans],
        [row.in_progress for row in spans],
        [row.is_orphan for row in spans],
        [bool(row.exceptions) for row in spans],
        [[place, *offsets] for place, row in enumerate(spans) for offsets in row.critical],
    )
    return drawn(view.summary, view.sections, rows, view.total_spans, max_rows=max_rows)


def drawn(
    summary: TraceSummary, sections: Iterable[Section], rows: Rows, total: int, *, max_rows: int = MAX_ROWS
) -> dict[str, Any]:
    """
    Return the columns of the rows in pre-order, and what they refer to.

    ``name``, ``svc`` and ``status`` are positions in ``names``, ``services`` and ``statuses``; ``start`` is nanoseconds
    after the trace's start, ``dur`` nanoseconds, ``parent`` a row or -1, ``end`` the row after those below one. Of more
    rows than ``max_rows`` the deepest levels are left out, as many as need be; ``total`` says how many there are.
    """
    if len(rows.depths) > max_rows:
        rows = _cut(rows, max_rows)
    names = {name: place for place, name in enumerate(dict.fromkeys(rows.names))}
    return {
        "trace_id": summary.trace_id,
        "summary": to_document(summary),
        "start_ns": str(summary.start_ns),
        "duration_ns": summary.duration_ns,
        "total": total,
        "names": list(names),
        "services": [_service(each) for each in sections],
        "statuses": [each.value for each in _STATUSES],
        "start": [start - summary.start_ns for start in rows.starts],
        "dur": rows.durations,
        "parent": rows.parents,
        "depth": rows.depths,
        "svc": rows.sections,
        "name": [names[name] for name in rows.names],
        "status": [_NUMBERS[each] for each in rows.outcomes],
        "end": rows.ends,
        "id": rows.ids,
        "kind": rows.kinds,
        "own": rows.own,
        "in_progress": _places(rows.in_progress),
        "orphan": _places(rows.orphans),
        "exceptions": _places(rows.exceptions),
        "critical": rows.critical,
    }


def _service(section: Section) -> dict[str, Any]:
    return {
        "name": section.node.name,
        "type": section.node.type,
        "kind": section.kind.value,
        "skew_ns": section.skew_ns,
    }


def _places(marks: Iterable[bool]) -> list[int]:
    return [place for place, mark in enumerate(marks) if mark]


def _cut(rows: Rows, max_rows: int) -> Rows:
    """Keep the upper levels: all of a level or, if the first is too long, what fits of it."""
    limit = _deepest_level(rows.depths, max_rows)
    kept = [place for place, depth in enumerate(rows.depths) if depth <= limit][:max_rows]
    after = _counts_before(kept, len(rows.depths))
    columns = {each.name: getattr(rows, each.name) for each in fields(Rows) if each.name != "critical"}
    some = {name: [column[place] for place in kept] for name, column in columns.items()}
    is_kept = set(kept)
    return Rows(**{
        **some,
        "parents": [after[parent] if parent >= 0 else -1 for parent in some["parents"]],
        "ends": [after[end] for end in some["ends"]],
        "critical": [[after[place], *offsets] for place, *offsets in rows.critical if place in is_kept],
    })  # fmt: skip


def _deepest_level(depths: Iterable[int], max_rows: int) -> int:
    """Return the deepest level down to which all rows are few enough; 0 if not even the first."""
    counts: dict[int, int] = {}
    for depth in depths:
        counts[depth] = counts.get(depth, 0) + 1
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
