"""What was used, computed plainly of points in memory: what the store has to come to."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Final, TypeAlias

from taskscope.clock import SECOND
from taskscope.model import container_metrics as names
from taskscope.model.metric import Datapoint
from taskscope.model.resource_usage import Level

Key: TypeAlias = tuple[str, str, str, str]
"""Cluster ARN, service, task ARN, container."""
Values: TypeAlias = dict[str, float]

_GAUGES: Final = {
    names.CPU_USAGE.name: "cpu", names.TASK_CPU_USAGE.name: "cpu",
    names.MEMORY_WORKING_SET.name: "memory", names.TASK_MEMORY_WORKING_SET.name: "memory",
}  # fmt: skip
_LIMITS: Final = {
    names.CPU_RESERVED.name: "cpu", names.TASK_CPU_LIMIT.name: "cpu",
    names.MEMORY_LIMIT.name: "memory", names.TASK_MEMORY_LIMIT.name: "memory",
}  # fmt: skip
_COUNTERS: Final = {"receive": "rx", "transmit": "tx", "read": "read", "write": "write"}
_MINUTE: Final = 60 * SECOND
_OF_CONTAINERS: Final = frozenset({"read", "write"})


class Evaluator:
    """Answers what ``read_figures`` does."""

    def __init__(self, points: Sequence[Datapoint], *, start_ns: int, end_ns: int, bucket_ns: int) -> None:
        """Both ends at full buckets."""
        self._bucket = bucket_ns
        self._services: dict[str, str] = {}
        gauges: dict[tuple[Key, str, int], list[float]] = defaultdict(list)
        counters: dict[tuple[Key, str, str], list[tuple[int, float]]] = defaultdict(list)
        limits: dict[tuple[Key, str, int], float] = {}
        for point in points:
            said = point.resource.attributes
            key = (str(said[names.CLUSTER_ARN]), str(said.get(names.SERVICE, "")), str(said[names.TASK_ARN]),
                   str(said.get(names.CONTAINER_NAME, "")))  # fmt: skip
            name, value = point.metric.name, float(point.value)  # type: ignore[arg-type]  # all are numbers
            within = start_ns <= point.time_ns < end_ns
            if name in _GAUGES and within:
                gauges[key, _GAUGES[name], point.time_ns // bucket_ns].append(value)
            elif name in _LIMITS:
                limits[key, _LIMITS[name], point.time_ns // _MINUTE] = value
            elif point.attributes and point.time_ns < end_ns:
                way = point.attributes.get(names.DIRECTION_OF_NETWORK) or point.attributes[names.DIRECTION_OF_DISK]
                interface = f"{point.attributes.get(names.INTERFACE)} {point.attributes.get(names.CONTAINER_NAME)}"
                counters[key, _COUNTERS[str(way)], interface].append((point.time_ns, value))
        self._limits = limits
        self._buckets: dict[int, dict[Key, Values]] = defaultdict(lambda: defaultdict(dict))
        for (key, figure, bucket), values in gauges.items():
            self._buckets[bucket][key][figure] = sum(values) / len(values)
        for (key, figure, _), readings in counters.items():
            for bucket, rate in self._rates(sorted(readings)).items():
                if bucket * bucket_ns >= start_ns:
                    there = self._buckets[bucket][key]
                    there[figure] = there.get(figure, 0.0) + rate

    def _rates(self, readings: Sequence[tuple[int, float]]) -> Mapping[int, float]:
        grown: dict[int, list[float]] = defaultdict(lambda: [0.0, 0.0])
        for (since, before), (until, value) in pairwise(readings):
            of = grown[until // self._bucket]
            of[0] += value - before if value >= before else value
            of[1] += (until - since) / SECOND
        return {bucket: increase / took for bucket, (increase, took) in grown.items()}

    def answer(self, level: Level, step_ns: int) -> dict[tuple[Key, int], Values]:
        """Return the averages of each step; shares as ``cpu_share`` and ``memory_share``, limits likewise."""
        found: dict[tuple[Key, int], list[Values]] = defaultdict(list)
        for bucket, measured in self._buckets.items():
            step = bucket * self._bucket // step_ns * step_ns if step_ns else 0
            for key, values in self._sums(level, bucket, measured).items():
                found[key, step].append(values)
        return {place: _average(values) for place, values in found.items()}

    def _limit(self, key: Key, figure: str, bucket: int) -> float:
        """Return what a container or task may use; limits are kept by the minute."""
        return self._limits.get((key, figure, bucket * self._bucket // _MINUTE), 0.0)

    def _sums(self, level: Level, bucket: int, measured: Mapping[Key, Values]) -> Mapping[Key, Values]:
        if level == Level.CONTAINER:
            return {key: self._limited(values, key, bucket) for key, values in measured.items() if key[3]}
        sums: dict[Key, Values] = defaultdict(dict)
        for task in {key[:3] for key in measured}:
            cluster, service, arn = task
            key = (cluster, service if level != Level.CLUSTER else "", arn if level == Level.TASK else "", "")
            for figure, value in self._task(task, measured, bucket).items():
                sums[key][figure] = sums[key].get(figure, 0.0) + value
        return sums

    def _task(self, task: tuple[str, str, str], measured: Mapping[Key, Values], bucket: int) -> Values:
        own = self._limited(measured.get((*task, ""), {}), (*task, ""), bucket)
        parts = [self._limited(values, key, bucket) for key, values in measured.items() if key[:3] == task and key[3]]
        containers = {key for key, _, _ in self._limits if key[:3] == task and key[3]}
        bounds = {
            figure: self._limit((*task, ""), figure, bucket)
            or sum(self._limit(key, figure, bucket) for key in containers)
            for figure in ("cpu", "memory")
        }
        values: Values = {}
        for figure in ("cpu", "memory", *_COUNTERS.values()):
            of_parts = [each[figure] for each in parts if figure in each]
            chosen = [own[figure]] if figure in own and not (figure in _OF_CONTAINERS and of_parts) else of_parts
            if chosen:
                values[figure] = sum(chosen)
        return _with_limits(values, bounds)

    def _limited(self, values: Values, key: Key, bucket: int) -> Values:
        return _with_limits(values, {figure: self._limit(key, figure, bucket) for figure in ("cpu", "memory")})


def _with_limits(values: Values, bounds: Mapping[str, float]) -> Values:
    """Note limits, and what is used of them, of figures that are there."""
    noted = {name: value for name, value in values.items() if "_" not in name}
    for figure in ("cpu", "memory"):
        if figure in noted and bounds[figure]:
            noted |= {f"{figure}_limit": bounds[figure], f"{figure}_limited": noted[figure]}
    return noted


def _average(steps: Iterable[Values]) -> Values:
    several = list(steps)
    mean: Callable[[str], float | None] = lambda name: _mean([each[name] for each in several if name in each])  # noqa: E731 (one line says it)
    found = {name: mean(name) for name in ("cpu", "memory", "rx", "tx", "read", "write", "cpu_limit", "memory_limit")}
    for figure in ("cpu", "memory"):
        limits = sum(each.get(f"{figure}_limit", 0.0) for each in several)
        used = sum(each.get(f"{figure}_limited", 0.0) for each in several)
        found[f"{figure}_share"] = used / limits if limits else None
    return {name: value for name, value in found.items() if value is not None}


def _mean(values: Sequence[float]) -> float | None:
    return sum(values) / len(values) if values else None
