"""Lists of traces, and the overview of groups: what each column shows."""

from collections.abc import Sequence
from typing import Final

from taskscope.model.trace import TraceGroup, TraceSummary
from taskscope.render.figures import MISSING, age, duration, share
from taskscope.render.waterfall.lines import xray_spelling

TRACE_COLUMNS: Final = ("ID", "AGE", "METHOD", "STATUS", "DURATION", "URL OR OPERATION", "SERVICES", "ANNOTATIONS")
GROUP_COLUMNS: Final = (
    "GROUP", "TRACES", "SHARE", "AVERAGE", "P50", "P90", "P99", "OK", "THROTTLED", "ERRORS", "FAULTS",
)  # fmt: skip
_CHIPS: Final = 3
"""Annotations that are shown; the rest is counted."""


def trace_cells(summary: TraceSummary, now_ns: int) -> list[str]:
    """Return the cells of one trace; a mark before the URL says that it is in progress or without its beginning."""
    marks = "".join(("\u2026 " if summary.is_partial else "", "? " if summary.is_orphan else ""))
    return [
        xray_spelling(summary.trace_id),
        age(now_ns - summary.start_ns),
        summary.http.method or MISSING,
        str(summary.http.status or summary.root_outcome.value),
        duration(summary.response_ns),
        marks + (summary.http.url or summary.root_name),
        ",".join(dict.fromkeys(node.name for node in summary.nodes)),
        _annotations(summary),
    ]


def _annotations(summary: TraceSummary) -> str:
    chips = [f"{key}={'|'.join(values)}" for key, values in summary.annotations.items()]
    more = [f"+{len(chips) - _CHIPS}"] if len(chips) > _CHIPS else []
    return " ".join([*chips[:_CHIPS], *more]) or MISSING


def group_cells(group: TraceGroup) -> list[str]:
    """Return the cells of one line of the overview."""
    figures = (group.average_ns, group.p50_ns, group.p90_ns, group.p99_ns)
    counts: Sequence[int] = (group.ok, group.throttles, group.errors, group.faults)
    return [
        group.value or MISSING,
        str(group.count),
        share(group.share),
        *(duration(each) for each in figures),
        *(str(each) for each in counts),
    ]
