"""CloudWatch's metrics of namespace ``AWS/ECS``: shares of what services and clusters reserve, in percent there."""

from typing import Final

import msgspec

from taskscope.clock import MILLISECOND
from taskscope.errors import MalformedPayloadError
from taskscope.model import container_metrics as metrics
from taskscope.model.metric import Datapoint
from taskscope.model.resource import Resource
from taskscope.wire.insights.resources import CLOUDWATCH, service_attributes

CPU: Final = "CPUUtilization"
MEMORY: Final = "MemoryUtilization"
_OF_SERVICE: Final = {CPU: metrics.SERVICE_CPU_UTILIZATION, MEMORY: metrics.SERVICE_MEMORY_UTILIZATION}
_OF_CLUSTER: Final = {CPU: metrics.CLUSTER_CPU_UTILIZATION, MEMORY: metrics.CLUSTER_MEMORY_UTILIZATION}
_PERCENT: Final = 0.01
_LATEST_MS: Final = (1 << 63) // MILLISECOND


class _Result(msgspec.Struct):
    metric: str
    service: str
    times_ms: list[int]
    values: list[float]


class _Body(msgspec.Struct):
    cluster_arn: str
    results: list[_Result]


_BODY: Final = msgspec.json.Decoder(_Body)


def decode_metric_data(body: bytes) -> list[Datapoint]:
    """
    Read ``{cluster_arn, results: [{metric, service, times_ms, values}]}``; without a service it is of the cluster.

    Raises:
        MalformedPayloadError: The body is something else, or of other metrics than CPU and memory.
    """
    try:
        found = _BODY.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise MalformedPayloadError(f"the body holds no metrics: {error}") from None
    return [point for each in found.results for point in _points(found.cluster_arn, each)]


def _points(cluster_arn: str, result: _Result) -> list[Datapoint]:
    metric = (_OF_SERVICE if result.service else _OF_CLUSTER).get(result.metric)
    if metric is None:
        raise MalformedPayloadError(f"the metric {result.metric[:64]!r} is not known")
    if len(result.times_ms) != len(result.values) or not all(0 < each < _LATEST_MS for each in result.times_ms):
        raise MalformedPayloadError("a metric has not as many values as times, or times that are none")
    resource = Resource(service_attributes(cluster_arn, result.service, CLOUDWATCH))
    pairs = zip(result.times_ms, result.values, strict=True)
    return [Datapoint(metric, {}, time_ms * MILLISECOND, value * _PERCENT, resource) for time_ms, value in pairs]
