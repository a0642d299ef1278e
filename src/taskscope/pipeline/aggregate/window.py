"""One window of StatsD datagrams, aggregated: a pure function of its frames, its bounds and the gauges before it."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Final, NamedTuple

from taskscope.errors import MalformedPayloadError
from taskscope.model.log import LogRecord
from taskscope.model.metric import Datapoint
from taskscope.model.resource import Resource
from taskscope.pipeline.aggregate.accumulators import Accumulator, Budget, Counter, Gauge, make_accumulator, metric_of
from taskscope.pipeline.aggregate.config import AggregateConfig
from taskscope.pipeline.aggregate.gauges import GaugeKey, GaugeState
from taskscope.spool.frame import Frame
from taskscope.wire.statsd.decode import BadLine
from taskscope.wire.statsd.notice import is_notice, read_notice
from taskscope.wire.statsd.sample import Kind, Sample, Series, read_samples, tag_attributes

_BAD_LINES_KEPT: Final = 1000
_NO_GAUGES: Final = GaugeState()

_Add = Callable[[bytes, float], None]


class Window(NamedTuple):
    """What became of a window."""

    datapoints: list[Datapoint]
    """In the order in which their series were first met; those with a time of their own first."""
    logs: list[LogRecord]
    """Events and service checks."""
    bad_lines: list[BadLine]
    """The first 1,000."""
    bad_count: int
    """All bad lines."""
    dropped: int
    """Lines beyond the limits of series and of members of sets."""
    gauges: GaugeState
    """For the next window."""


def sender_resource(sender: str) -> Resource:
    """Name the sender by its address, until enrichment knows more of it."""
    return Resource({"source.address": sender} if sender else {})


def aggregate(
    frames: Iterable[Frame],
    *,
    start_ns: int,
    end_ns: int,
    gauges: GaugeState = _NO_GAUGES,
    config: AggregateConfig | None = None,
    resource_of: Callable[[str], Resource] = sender_resource,
) -> Window:
    """
    Aggregate the datagrams of one window, all of which are taken, whenever they were received.

    Sums and histograms cover the window; gauges are those that the window changed. A line with a timestamp of its own
    (``|T``) becomes a datapoint at that time. Senders are kept apart: each has one resource, made once by
    ``resource_of`` from its address, and one more for each container id that its lines name.
    """
    work = _Work(gauges, config or AggregateConfig(), resource_of)
    for frame in frames:
        work.take(frame)
    return work.finish(start_ns, end_ns)


class _Sender:
    """The lines of one address."""

    __slots__ = ("address", "known", "resource")

    def __init__(self, address: str, resource: Resource) -> None:
        self.address = address
        self.resource = resource
        self.known: dict[tuple[bytes, bytes], tuple[_Add, float]] = {}
        """By the bytes of name and of all that follows the value: where the value goes, and its weight."""


class _Work:
    """The state of one call of ``aggregate``."""

    def __init__(self, gauges: GaugeState, config: AggregateConfig, resource_of: Callable[[str], Resource]) -> None:
        self._config = config
        self._gauges = gauges.values
        self._resource_of = resource_of
        self._senders: dict[str, _Sender] = {}
        self._resources: dict[tuple[str, str], Resource] = {}
        self._series: dict[GaugeKey, Accumulator] = {}
        self._known = 0
        self._series_budget = Budget(config.max_series)
        self._member_budget = Budget(config.max_set_members)
        self._timed: list[Datapoint] = []
        self._logs: list[LogRecord] = []
        self._bad: list[BadLine] = []
        self._bad_count = 0

    def take(self, frame: Frame) -> None:
        """Take the lines of a datagram: those of a form met before cost a lookup and an addition."""
        sender = self._senders.get(frame.sender) or self._new_sender(frame.sender)
        known = sender.known
        for line in frame.body.split(b"\n"):
            head, _, rest = line.partition(b"|")
            name, _, text = head.partition(b":")
            try:
                add, weight = known[name, rest]
                add(text, weight)
            except (KeyError, ValueError):
                if line:
                    self._take_line(sender, line, frame.received_ns)

    def _new_sender(self, address: str) -> _Sender:
        resource = self._resources[address, ""] = self._resource_of(address)
        sender = self._senders[address] = _Sender(address, resource)
        return sender

    def _take_line(self, sender: _Sender, line: bytes, received_ns: int) -> None:
        """Take a line in the plain way, and remember its form."""
        try:
            if is_notice(line):
                self._logs.append(read_notice(line, received_ns=received_ns, resource=sender.resource))
                return
            samples = read_samples(line) if line != b"\r" else []
        except MalformedPayloadError as error:
            self._bad_count += 1
            if len(self._bad) < _BAD_LINES_KEPT:
                self._bad.append(BadLine.of(line, error))
            return
        if not samples:
            return
        if samples[0].time_ns:
            self._take_timed(sender, samples)
            return
        accumulator = self._accumulator(sender, samples[0].series)
        if accumulator is None:
            return
        head, _, rest = line.partition(b"|")
        name, _, text = head.partition(b":")
        weight = samples[0].weight
        for part in [text] if samples[0].series.kind is Kind.SET else text.split(b":"):
            accumulator.add(part, weight)
        self._remember(sender, (name, rest), (accumulator.add, weight))

    def _remember(self, sender: _Sender, form: tuple[bytes, bytes], target: tuple[_Add, float]) -> None:
        """Remember a form; there may be many of one series, since tags come in any order, so they are bounded."""
        if self._known >= 2 * self._config.max_series:
            for each in self._senders.values():
                each.known.clear()
            self._known = 0
        sender.known[form] = target
        self._known += 1

    def _accumulator(self, sender: _Sender, series: Series) -> Accumulator | None:
        key = GaugeKey(sender.address, series)
        accumulator = self._series.get(key)
        if accumulator is None and self._series_budget.take():
            relative = self._config.signed_gauges == "delta"
            accumulator = self._series[key] = make_accumulator(
                series.kind, last=self._gauges.get(key, 0.0), relative=relative, members=self._member_budget
            )
        return accumulator

    def _take_timed(self, sender: _Sender, samples: list[Sample]) -> None:
        """Keep values with a time of their own; StatsD has no changes of gauges at a time, so a sign is a sign."""
        for series, value, weight, _, time_ns in samples:
            if self._series_budget.take():
                number = float(value) * weight
                metric = metric_of(series.name, series.kind, is_monotonic=number >= 0)
                resource = self._resource(sender.address, series.container_id)
                self._timed.append(Datapoint(metric, tag_attributes(series.tags), time_ns, number, resource))

    def _resource(self, sender: str, container_id: str) -> Resource:
        resource = self._resources.get((sender, container_id))
        if resource is None:
            plain = self._resources[sender, ""]
            resource = replace(plain, attributes={**plain.attributes, "container.id": container_id})
            self._resources[sender, container_id] = resource
        return resource

    def finish(self, start_ns: int, end_ns: int) -> Window:
        """Turn what was taken into datapoints."""
        datapoints = self._timed
        for (sender, series), accumulator in self._series.items():
            monotonic = accumulator.is_monotonic if isinstance(accumulator, Counter) else True
            metric = metric_of(series.name, series.kind, is_monotonic=monotonic)
            datapoints.append(
                Datapoint(
                    metric=metric,
                    attributes=tag_attributes(series.tags),
                    time_ns=end_ns,
                    value=accumulator.result(),
                    resource=self._resource(sender, series.container_id),
                    start_ns=0 if series.kind in {Kind.GAUGE, Kind.SET} else start_ns,
                )
            )
        dropped = self._series_budget.refused + self._member_budget.refused
        return Window(datapoints, self._logs, self._bad, self._bad_count, dropped, self._next_gauges())

    def _next_gauges(self) -> GaugeState:
        """Keep the gauges most recently changed; none where signs are no changes."""
        if self._config.signed_gauges != "delta":
            return _NO_GAUGES
        changed = {
            key: accumulator.result() for key, accumulator in self._series.items() if isinstance(accumulator, Gauge)
        }
        values = {key: value for key, value in self._gauges.items() if key not in changed} | changed
        excess = len(values) - self._config.max_gauges
        return GaugeState(dict(list(values.items())[max(excess, 0) :]))
