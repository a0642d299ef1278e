"""What a server has seen of late, as far as costs depend on it: asked over REST."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from taskscope.client.rest import Rest
from taskscope.client.store import RemoteStore
from taskscope.clock import SECOND
from taskscope.model import container_metrics as metrics
from taskscope.sources.cost.amounts import Load

_DAY_SECONDS: Final = 86_400
_SECONDS: Final = 30.0
_MEMORY_BYTES: Final = 1 << 30
_ALONE: Final = (
    f"ResourceAttributes['{metrics.SERVICE}'] = '' AND ResourceAttributes['aws.ecs.launchtype'] != 'fargate'"
)
"""A task that no service runs: on Fargate a task does not know, and is taken for one of a service, the dearer case."""
_CONTAINERS: Final = f"""
SELECT uniqExact(ResourceAttributes['{metrics.CLUSTER_ARN}']),
    uniqExactIf(ServiceName, MetricName = {{task:String}} AND NOT ({_ALONE})),
    uniqExactIf(ServiceName, MetricName = {{task:String}} AND {_ALONE}),
    uniqExactIf(ResourceAttributes['{metrics.TASK_ARN}'], MetricName = {{task:String}}),
    uniqExactIf((ResourceAttributes['{metrics.TASK_ARN}'], ResourceAttributes['{metrics.CONTAINER_NAME}']),
        MetricName = {{container:String}})
FROM otel_metrics_gauge
WHERE MetricName IN ({{task:String}}, {{container:String}}) AND TimeUnix > now64(9) - INTERVAL 5 MINUTE
"""  # noqa: S608 (our own names)
"""Those that run now: each is measured every few seconds."""
_LOGS: Final = """
SELECT sum(length(Body)), count(), dateDiff('second', min(Timestamp), now64(9))
FROM otel_logs WHERE Timestamp > now64(9) - INTERVAL {seconds:UInt32} SECOND
"""
_KINDS: Final = ("gauge", "sum", "histogram", "exponential_histogram", "summary")
_METRICS: Final = """
SELECT
    uniqExact(MetricName, Attributes, arrayMap(name -> ResourceAttributes[name], splitByChar('\\n', {names:String}))),
    count(), dateDiff('second', min(TimeUnix), now64(9))
FROM (%s)
WHERE NOT has(splitByChar('\\n', {containers:String}), MetricName)
    AND TimeUnix > now64(9) - INTERVAL {seconds:UInt32} SECOND
""" % " UNION ALL ".join(  # noqa: UP031 (braces are parameters)
    f"SELECT MetricName, Attributes, ResourceAttributes, TimeUnix FROM otel_metrics_{kind}"  # noqa: S608 (our own names)
    for kind in _KINDS
)


def seen_load(rest: Rest, *, window_ns: int, dimensions: Sequence[str]) -> Load:
    """
    Ask what runs now, and what came in a window up to now, scaled to a day.

    ``dimensions`` are the attributes of resources that tell metrics apart, beside those of datapoints.

    Raises:
        TaskscopeError: The server does not answer, or may not be asked.
    """
    ask = _Questions(RemoteStore(rest))
    seconds = max(1, window_ns // SECOND)
    names = {"task": metrics.TASK_MEMORY_USAGE.name, "container": metrics.MEMORY_USAGE.name}
    clusters, services, families, tasks, containers = ask.row(_CONTAINERS, names)
    log_bytes, log_lines, log_span = ask.row(_LOGS, {"seconds": seconds})
    parameters = {"seconds": seconds, "names": "\n".join(dimensions), "containers": "\n".join(sorted(metrics.NAMES))}
    series, points, metric_span = ask.row(_METRICS, parameters)
    return Load(
        clusters=max(1, clusters),
        services=services,
        families=families,
        tasks=tasks,
        containers=max(tasks, containers),
        log_bytes_a_day=_daily(log_bytes, log_span, seconds),
        log_lines_a_day=_daily(log_lines, log_span, seconds),
        series=series,
        points_a_day=_daily(points, metric_span, seconds),
    )


class _Questions:
    def __init__(self, store: RemoteStore) -> None:
        self._store = store

    def row(self, statement: str, parameters: Mapping[str, Any]) -> list[int]:
        """Ask for one row of numbers."""
        answer = self._store.sql(
            statement, parameters, max_rows=1, timeout_seconds=_SECONDS, max_memory_bytes=_MEMORY_BYTES
        )
        return [int(value or 0) for value in answer["rows"][0]]


def _daily(count: int, span_seconds: int, window_seconds: int) -> float:
    """Scale what came since the first of it: a server that runs for ten minutes has seen no hour."""
    if not count:
        return 0.0
    return count * _DAY_SECONDS / min(max(span_seconds, 60), window_seconds)
