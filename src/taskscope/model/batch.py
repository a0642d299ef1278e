"""Batches: what travels from the pipeline to a sink."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from taskscope.model.change import EcsChange
from taskscope.model.log import LogRecord
from taskscope.model.metric import Datapoint
from taskscope.model.span import Span


class Signal(StrEnum):
    """What a batch holds rows of."""

    SPANS = "spans"
    LOGS = "logs"
    METRICS = "metrics"
    CHANGES = "changes"


class Encoded(StrEnum):
    """What the bodies of an encoded batch are; all of them uncompressed."""

    OTLP_SPANS = "otlp_spans"
    """OTLP export requests in Protobuf, as they came; so are those of metrics and logs."""
    OTLP_METRICS = "otlp_metrics"
    OTLP_LOGS = "otlp_logs"
    XRAY_SPANS = "xray_spans"
    """X-Ray datagrams: a header line, which is known to be right, and a segment document each."""

    @property
    def signal(self) -> Signal:
        """What they hold rows of."""
        return Signal(self.partition("_")[2])


Row: TypeAlias = Span | LogRecord | Datapoint | EcsChange


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows of one signal. A retry brings the same rows in the same order under the same token."""

    signal: Signal
    rows: Sequence[Row]
    token: str
    """Names the range of the spool that it was cut from; never used for other rows."""


@dataclass(frozen=True, slots=True)
class EncodedBatch:
    """Bodies of one form, for sinks that need no rows."""

    form: Encoded
    bodies: Sequence[bytes]
    token: str
    received_ns: Sequence[int] = ()
    """When each body came; OTLP says all times itself."""

    @property
    def signal(self) -> Signal:
        """What the bodies hold rows of."""
        return self.form.signal
