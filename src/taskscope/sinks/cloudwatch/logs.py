"""The sink for CloudWatch Logs."""

from collections.abc import Iterator, Sequence

from taskscope.aws.log_writer import LogWriter
from taskscope.aws.session import Account
from taskscope.clock import MILLISECOND
from taskscope.model.batch import Batch, Encoded, EncodedBatch, Signal
from taskscope.model.log import LogRecord
from taskscope.model.resource import Resource
from taskscope.sinks.api import Outcome
from taskscope.sinks.cloudwatch.calls import Call, Entry, cut_calls, send_call
from taskscope.sinks.cloudwatch.config import LOGS_GROUP, Format, LogsSinkConfig
from taskscope.sinks.cloudwatch.message import message
from taskscope.sinks.cloudwatch.template import Template, first_log_group
from taskscope.sinks.partwise import Partwise


class CloudWatchLogsSink:
    """Writes log records to groups and streams that are named after their resources, and makes missing ones."""

    signals = frozenset({Signal.LOGS})
    encoded: frozenset[Encoded] = frozenset()

    def __init__(self, config: LogsSinkConfig, *, account: Account | None = None) -> None:
        """Prepare; AWS is not called before the first batch."""
        self.name = config.name
        self._groups_of_resources = not config.group
        self._group = Template.of_group(config.group or LOGS_GROUP)
        self._stream = Template.of_stream(config.stream)
        self._format = Format(config.format)
        self._most_bytes = config.max_event_bytes
        self._writer = LogWriter(
            account or config.account(), region=config.region or None, retention_days=config.retention_days
        )
        self._partwise = Partwise(config.parallel, name=config.name)

    def consume(self, batch: Batch | EncodedBatch) -> Outcome:
        """
        Write a batch; calls that got through in an earlier attempt are not made again.

        Raises:
            UnavailableError: A retry may help.
            ValueError: The sink takes rows of logs only.
        """
        if not isinstance(batch, Batch) or batch.signal is not Signal.LOGS:
            raise ValueError(f"the sink {self.name} takes rows of logs, not {type(batch).__name__} of {batch.signal}")
        calls = list(self._calls([row for row in batch.rows if isinstance(row, LogRecord)]))
        rejected = self._partwise.run(batch.token, calls, lambda call: send_call(self._writer, call))
        return Outcome(len(batch.rows) - len(rejected), rejected)

    def close(self) -> None:
        """Finish what is under way; safe to call twice."""
        self._partwise.close()

    def _calls(self, records: Sequence[LogRecord]) -> Iterator[Call]:
        names: dict[int, tuple[str, str]] = {}
        streams: dict[tuple[str, str], list[Entry]] = {}
        for position, record in enumerate(records):
            key = id(record.resource)
            if key not in names:
                names[key] = self._names(record.resource)
            entry = Entry(
                max(record.time_ns, 0) // MILLISECOND, message(record, self._format, self._most_bytes), (position,)
            )
            streams.setdefault(names[key], []).append(entry)
        for (group, stream), entries in streams.items():
            yield from cut_calls(group, stream, entries)

    def _names(self, resource: Resource) -> tuple[str, str]:
        named = first_log_group(resource) if self._groups_of_resources else ""
        return named or self._group.expand(resource), self._stream.expand(resource)
