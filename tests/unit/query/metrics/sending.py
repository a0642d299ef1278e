"""Datapoints as senders make them, into a store."""

from collections.abc import Iterable, Mapping
from itertools import count, groupby

from taskscope.clock import SECOND
from taskscope.model.metric import Datapoint, Metric, MetricKind, Value
from taskscope.model.resource import Resource
from taskscope.model.window import Window
from taskscope.store.columns.tables import METRICS, columns_of
from taskscope.store.engine import Store

BEGIN = 1_790_000_400
"""Seconds since the epoch, at a full minute."""
HOUR = Window(BEGIN * SECOND, (BEGIN + 3600) * SECOND)

_tokens = count()


def keep(store: Store, points: Iterable[Datapoint]) -> None:
    """Store points, in their order."""
    for kind, some in groupby(sorted(points, key=lambda each: each.metric.kind), key=lambda each: each.metric.kind):
        table = METRICS[kind]
        store.insert_columns(table, columns_of(table, list(some)), token=f"{store.database} {next(_tokens)}")


def point(
    metric: Metric,
    second: float,
    value: Value,
    *,
    start: float = 0,
    service: str = "shop",
    resource: Mapping[str, str] | None = None,
    **labels: str,
) -> Datapoint:
    """Make a point; times are in seconds after ``BEGIN``, and a start of 0 is none."""
    return Datapoint(
        metric,
        labels,
        round((BEGIN + second) * SECOND),
        value,
        Resource({"service.name": service, **(resource or {})}),
        start_ns=round((BEGIN + start) * SECOND) if start else 0,
    )


def gauge(name: str, **told: str) -> Metric:
    """Make a gauge."""
    return Metric(name, MetricKind.GAUGE, **told)  # type: ignore[arg-type]  # its texts
