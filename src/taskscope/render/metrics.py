"""Metrics as rows: what a list shows of each, and what stands below a plot."""

from collections.abc import Mapping, Sequence
from typing import Final

from taskscope.model.metric_series import LabelValues, MetricAnswer, MetricEntry, MetricSeries
from taskscope.render.figures import MISSING, age, count
from taskscope.render.quantities import quantity
from taskscope.render.text import escape

METRIC_COLUMNS: Final = ("NAME", "KIND", "UNIT", "SERIES", "POINTS", "LAST", "SERVICES")
LABEL_COLUMNS: Final = ("LABEL", "VALUES", "SUCH AS")
LEGEND_COLUMNS: Final = ("LAST", "MIN", "AVG", "MAX", "SERIES")
_SHOWN: Final = 5
"""Services or values that are named; the rest is counted."""


def metric_cells(entry: MetricEntry, now_ns: int) -> list[str]:
    """Return the cells of one metric."""
    kind = entry.kind.replace("_", " ")
    if entry.kind == "sum":
        kind = "counter" if entry.is_monotonic else "sum"
    told = f"{kind}, {entry.temporality}" if entry.temporality else kind
    return [
        escape(entry.name),
        told,
        escape(entry.unit) or MISSING,
        count(entry.series),
        count(entry.points),
        age(now_ns - entry.last_ns),
        _some(entry.services, len(entry.services)),
    ]


def label_cells(label: LabelValues) -> list[str]:
    """Return the cells of one label."""
    return [escape(label.name), count(label.total), _some(label.values, label.total)]


def _some(values: Sequence[str], total: int) -> str:
    shown = [escape(each) or '""' for each in values[:_SHOWN]]
    more = [f"+{total - len(shown)}"] if total > len(shown) else []
    return ", ".join([*shown, *more]) or MISSING


def legend_cells(series: MetricSeries, unit: str) -> list[str]:
    """Return last, least, average and greatest value of a series, and its labels."""
    values = [each.value for each in series.points]
    figures = (values[-1], min(values), sum(values) / len(values), max(values))
    return [*(quantity(each, unit) for each in figures), labels_text(series.labels)]


def labels_without_values(answer: MetricAnswer) -> list[str]:
    """Return the labels of series that none has a value of: a name with a mistake, most likely."""
    if not answer.series or answer.left_out:
        return []
    return [label for label in answer.series[0].labels if not any(each.labels[label] for each in answer.series)]


def labels_text(labels: Mapping[str, str]) -> str:
    """Write labels as ``code=200 service=shop``; all of a metric together have none."""
    return " ".join(f"{escape(name)}={escape(value) or MISSING}" for name, value in labels.items()) or "all"
