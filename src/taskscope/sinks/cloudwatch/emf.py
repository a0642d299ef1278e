"""The sink for metrics in CloudWatch's Embedded Metric Format."""

import threading
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from taskscope.aws.log_writer import LogWriter
from taskscope.aws.session import Account
from taskscope.clock import MILLISECOND, Clock, system_clock
from taskscope.model.batch import Batch, Encoded, EncodedBatch, Signal
from taskscope.model.container_metrics import MEASURED_BY, NAMES
from taskscope.model.metric import Datapoint
from taskscope.sinks.api import Outcome, Rejected
from taskscope.sinks.cloudwatch.calls import Call, Entry, cut_calls, send_call
from taskscope.sinks.cloudwatch.config import EmfSinkConfig
from taskscope.sinks.cloudwatch.deltas import Deltas
from taskscope.sinks.cloudwatch.template import Template
from taskscope.sinks.partwise import Partwise
from taskscope.wire.emf.encode import EmfDocument, encode

_PREPARED: Final = 64
"""Batches under way or interrupted whose calls are kept: totals can be made deltas once only."""


class _Prepared(NamedTuple):
    """What becomes of a batch."""

    calls: Sequence[Call]
    rejected: Sequence[Rejected]
    passed_over: int
    """Rows that are not for this sink."""


class _Moment(NamedTuple):
    """What the datapoints of a document share, as far as it decides whether CloudWatch Logs takes it."""

    time_ms: int
    resource: int
    """Its identity."""


class EmfSink:
    """
    Writes datapoints as EMF documents to a log group, from which CloudWatch makes metrics; totals become deltas.

    Metrics of containers are passed over unless they are asked for: some thirty for each container are billed, which
    nobody expects of a sink for what apps send.
    """

    signals = frozenset({Signal.METRICS})
    encoded: frozenset[Encoded] = frozenset()

    def __init__(self, config: EmfSinkConfig, *, account: Account | None = None, clock: Clock = system_clock) -> None:
        """Prepare; AWS is not called before the first batch."""
        self.name = config.name
        self._config = config
        self._group = Template.of_group(config.group)
        self._stream = Template.of_stream(config.stream)
        self._deltas = Deltas(clock)
        self._writer = LogWriter(
            account or config.account(), region=config.region or None, retention_days=config.retention_days
        )
        self._partwise = Partwise(config.parallel, name=config.name)
        self._prepared: OrderedDict[str, _Prepared] = OrderedDict()
        self._lock = threading.Lock()

    def consume(self, batch: Batch | EncodedBatch) -> Outcome:
        """
        Write a batch; calls that got through in an earlier attempt are not made again.

        Raises:
            UnavailableError: A retry may help.
            ValueError: The sink takes rows of metrics only.
        """
        if not isinstance(batch, Batch) or batch.signal is not Signal.METRICS:
            raise ValueError(f"the sink {self.name} takes rows of metrics, no {type(batch).__name__} of {batch.signal}")
        prepared = self._prepare(batch)
        refused = self._partwise.run(batch.token, prepared.calls, lambda call: send_call(self._writer, call))
        with self._lock:
            self._prepared.pop(batch.token, None)
        rejected = [*prepared.rejected, *refused]
        return Outcome(len(batch.rows) - prepared.passed_over - sum(each.rows for each in rejected), rejected)

    def close(self) -> None:
        """Finish what is under way; safe to call twice."""
        self._partwise.close()

    def _prepare(self, batch: Batch) -> _Prepared:
        """Make the calls of a batch, or take those of its earlier attempt."""
        with self._lock:
            prepared = self._prepared.get(batch.token)
            if prepared is None:
                prepared = self._encode([row for row in batch.rows if isinstance(row, Datapoint)])
                self._prepared[batch.token] = prepared
                if len(self._prepared) > _PREPARED:
                    self._prepared.popitem(last=False)
            return prepared

    def _encode(self, datapoints: Sequence[Datapoint]) -> _Prepared:
        taken = [each for each in enumerate(datapoints) if self._takes(each[1])]
        points: list[Datapoint] = []
        positions: list[int] = []
        converted = self._deltas.convert([point for _, point in taken])
        for (position, _), point in zip(taken, converted, strict=True):
            if point is not None:
                points.append(point)
                positions.append(position)
        encoded = encode(points, namespace=self._config.namespace, resource_dimensions=self._config.dimension)
        unfit = {each.position for each in encoded.unencoded}
        rows: dict[_Moment, list[int]] = {}
        for at, point in enumerate(points):
            if at not in unfit:
                rows.setdefault(_Moment(point.time_ns // MILLISECOND, id(point.resource)), []).append(positions[at])
        rejected = [Rejected(positions[each.position], each.reason) for each in encoded.unencoded]
        return _Prepared(list(self._calls(encoded.documents, rows)), rejected, len(datapoints) - len(taken))

    def _takes(self, point: Datapoint) -> bool:
        """Whether a point is for this sink: what AWS measured itself is in CloudWatch already."""
        if MEASURED_BY in point.resource.attributes:
            return False
        return self._config.containers or point.metric.name not in NAMES

    def _calls(self, documents: Sequence[EmfDocument], rows: dict[_Moment, list[int]]) -> Iterator[Call]:
        """
        Cut documents into calls.

        The first document of a moment stands for all rows of it: CloudWatch Logs refuses events for their time alone.
        """
        streams: dict[tuple[str, str], list[Entry]] = {}
        for document in documents:
            names = self._group.expand(document.resource), self._stream.expand(document.resource)
            moment = _Moment(document.time_ms, id(document.resource))
            streams.setdefault(names, []).append(Entry(document.time_ms, document.body, rows.pop(moment, ())))
        for (group, stream), entries in streams.items():
            yield from cut_calls(group, stream, entries)
