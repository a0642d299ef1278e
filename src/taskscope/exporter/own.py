"""What the exporter says of itself: its process, its answers, its readings."""

from collections.abc import Callable, Iterator, Mapping

from prometheus_client import GC_COLLECTOR, PLATFORM_COLLECTOR, PROCESS_COLLECTOR, Metric
from prometheus_client.core import CounterMetricFamily
from prometheus_client.registry import Collector


class Own(Collector):
    """Counters of the exporter, by callables that return their present values."""

    def __init__(self, *, answers: Callable[[], Mapping[int, int]], readings: Callable[[], Mapping[bool, int]]) -> None:
        self._answers = answers
        self._readings = readings

    def collect(self) -> Iterator[Metric]:
        """Yield the exporter's counters, then those of its process."""
        answers = CounterMetricFamily(
            "taskscope_exporter_http_requests", "Requests that were answered", labels=["code"]
        )
        for code, count in sorted(self._answers().items()):
            answers.add_metric([str(code)], count)
        readings = CounterMetricFamily(
            "taskscope_exporter_metadata_reads",
            "Readings of the endpoint",
            labels=["outcome"],
        )
        for is_read, count in self._readings().items():
            readings.add_metric(["read" if is_read else "failed"], count)
        yield from (answers, readings)
        for each in (PROCESS_COLLECTOR, PLATFORM_COLLECTOR, GC_COLLECTOR):
            yield from each.collect()
