"""CloudWatch's own metrics of a cluster and its services."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from taskscope.aws.watched import METRICS_LIMIT, Document, Watched
from taskscope.clock import MILLISECOND, SECOND, from_datetime, to_datetime
from taskscope.model.ecs import name_of
from taskscope.sources.watch.outlet import What, dump, mapping
from taskscope.sources.watch.tools import Tools
from taskscope.wire.insights.metric_data import CPU, MEMORY

EVERY: Final = 30
"""In intervals, five minutes as a rule: each metric that is asked for is paid for, however many minutes it tells."""
_PERIOD: Final = 60 * SECOND
_SETTLE: Final = 180 * SECOND
"""A minute's value may still change for so long."""
_LONGEST: Final = 3600 * SECOND
"""Most that is asked for at once."""


class MetricsLook:
    """Asks for every whole minute since the last look."""

    def __init__(self, aws: Watched, cluster_arn: str, services: Callable[[], Iterable[str]], tools: Tools) -> None:
        """``services`` returns their ARNs."""
        self._aws = aws
        self._arn = cluster_arn
        self._services = services
        self._tools = tools
        self._section = f"metrics {cluster_arn}"

    def look(self) -> None:
        """Give away what is new."""
        end = (self._tools.clock() - _SETTLE) // _PERIOD * _PERIOD
        start = self._start(end)
        if start >= end:
            return
        series = [(metric, name) for name in ("", *map(name_of, self._services())) for metric in (CPU, MEMORY)]
        results: list[dict[str, Any]] = []
        for first in range(0, len(series), METRICS_LIMIT):
            results += self._ask(series[first : first + METRICS_LIMIT], to_datetime(start, UTC), to_datetime(end, UTC))
        if results:
            body = dump({"cluster_arn": self._arn, "results": results})
            self._tools.outlet.deliver(What.METRIC_DATA, body, self._section, {"through": end})

    def _start(self, end: int) -> int:
        through = mapping(self._tools.outlet.remembered(self._section)).get("through")
        oldest = end - min(_LONGEST, round(self._tools.config.watch_look_back_seconds) * SECOND)
        return max(oldest, through) if isinstance(through, int) else oldest

    def _ask(self, series: Sequence[tuple[str, str]], start: datetime, end: datetime) -> list[dict[str, Any]]:
        """Return what there is of these series; CloudWatch answers a long one in parts."""
        queries = [self._query(number, metric, service) for number, (metric, service) in enumerate(series)]
        found: dict[str, dict[str, Any]] = {}
        for each in self._aws.metric_data(queries, start=start, end=end):
            if each["Timestamps"]:
                metric, service = series[int(each["Id"].removeprefix("m"))]
                whole = found.setdefault(each["Id"], _result(metric, service))
                whole["times_ms"] += [from_datetime(time) // MILLISECOND for time in each["Timestamps"]]
                whole["values"] += each["Values"]
        return list(found.values())

    def _query(self, number: int, metric: str, service: str) -> Document:
        dimensions = {"ClusterName": name_of(self._arn)} | ({"ServiceName": service} if service else {})
        asked: Mapping[str, Any] = {
            "Namespace": "AWS/ECS",
            "MetricName": metric,
            "Dimensions": [{"Name": name, "Value": value} for name, value in dimensions.items()],
        }
        return {"Id": f"m{number}", "MetricStat": {"Metric": asked, "Period": _PERIOD // SECOND, "Stat": "Average"}}


def _result(metric: str, service: str) -> dict[str, Any]:
    return {"metric": metric, "service": service, "times_ms": [], "values": []}
