"""The sink for Container Insights' performance events, for clusters that only Taskscope measures."""

import logging
import threading
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from typing import Final

from taskscope.aws.log_writer import LogWriter
from taskscope.aws.session import Account
from taskscope.model.batch import Batch, Encoded, EncodedBatch, Signal
from taskscope.model.metric import Datapoint
from taskscope.sinks.api import Outcome
from taskscope.sinks.cloudwatch.calls import Call, Entry, cut_calls, send_call
from taskscope.sinks.cloudwatch.config import InsightsSinkConfig
from taskscope.sinks.cloudwatch.insights_event import event
from taskscope.sinks.cloudwatch.insights_usage import Memory
from taskscope.sinks.cloudwatch.template import Template
from taskscope.sinks.partwise import Partwise

_PREPARED: Final = 64
"""Batches under way or interrupted whose events are kept: a rate that was told is not told again."""

_log = logging.getLogger(__name__)


class InsightsSink:
    """
    Writes one event for each task and container of a batch; what is cut by the minute is an event a minute.

    Metrics that are not of containers are passed over, which is said once, and so are values that are no number.
    """

    signals = frozenset({Signal.METRICS})
    encoded: frozenset[Encoded] = frozenset()

    def __init__(self, config: InsightsSinkConfig, *, account: Account | None = None) -> None:
        """Prepare; AWS is not called before the first batch."""
        self.name = config.name
        self._group = Template.of_group(config.group)
        self._stream = Template.of_stream(config.stream)
        self._memory = Memory()
        self._writer = LogWriter(
            account or config.account(), region=config.region or None, retention_days=config.retention_days
        )
        self._partwise = Partwise(config.parallel, name=config.name)
        self._prepared: OrderedDict[str, tuple[Sequence[Call], int]] = OrderedDict()
        self._lock = threading.Lock()
        self._has_told = False

    def consume(self, batch: Batch | EncodedBatch) -> Outcome:
        """
        Write the events of a batch; calls that got through in an earlier attempt are not made again.

        Raises:
            UnavailableError: A retry may help.
            ValueError: The sink takes rows of metrics only.
        """
        if not isinstance(batch, Batch) or batch.signal is not Signal.METRICS:
            raise ValueError(f"the sink {self.name} takes rows of metrics, no {type(batch).__name__} of {batch.signal}")
        calls, taken = self._prepare(batch)
        rejected = self._partwise.run(batch.token, calls, lambda call: send_call(self._writer, call))
        with self._lock:
            self._prepared.pop(batch.token, None)
        self._tell(len(batch.rows) - taken)
        return Outcome(taken - sum(each.rows for each in rejected), rejected)

    def close(self) -> None:
        """Finish what is under way; safe to call twice."""
        self._partwise.close()

    def _prepare(self, batch: Batch) -> tuple[Sequence[Call], int]:
        """Return the calls of a batch, or those of its earlier attempt, and how many rows they stand for."""
        with self._lock:
            prepared = self._prepared.get(batch.token)
            if prepared is None:
                prepared = self._prepared[batch.token] = self._make(batch)
                if len(self._prepared) > _PREPARED:
                    self._prepared.popitem(last=False)
            return prepared

    def _make(self, batch: Batch) -> tuple[Sequence[Call], int]:
        points = [(position, row) for position, row in enumerate(batch.rows) if isinstance(row, Datapoint)]
        streams: dict[tuple[str, str], list[Entry]] = {}
        taken = 0
        for usage in self._memory.usages(points):
            names = self._group.expand(usage.resource), self._stream.expand(usage.resource)
            streams.setdefault(names, []).append(Entry(*event(usage), usage.rows))
            taken += len(usage.rows)
        return list(_calls(streams)), taken

    def _tell(self, others: int) -> None:
        if others and not self._has_told:
            self._has_told = True
            _log.warning("%s takes metrics of containers only; name another --to for the others", self.name)


def _calls(streams: dict[tuple[str, str], list[Entry]]) -> Iterator[Call]:
    for (group, stream), entries in streams.items():
        yield from cut_calls(group, stream, entries)
