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
    """OTLP export requests of one signal in Protobuf, uncompressed, as they came: for sinks that need no rows."""

    signal: Signal
    bodies: Sequence[bytes]
    token: str
