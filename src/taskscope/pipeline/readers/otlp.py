"""OTLP in Protobuf, decoded by the library."""

from collections.abc import Iterable

from taskscope.model.batch import Signal
from taskscope.pipeline.decode import Contents
from taskscope.spool.frame import Frame
from taskscope.wire.otlp.logs import decode_logs
from taskscope.wire.otlp.metrics import decode_metrics
from taskscope.wire.otlp.traces import decode_traces


def read_traces(_frame: Frame, body: bytes) -> Iterable[Contents]:
    """Read an ExportTraceServiceRequest."""
    return [Contents(Signal.SPANS, *decode_traces(body))]


def read_metrics(_frame: Frame, body: bytes) -> Iterable[Contents]:
    """Read an ExportMetricsServiceRequest."""
    return [Contents(Signal.METRICS, *decode_metrics(body))]


def read_logs(frame: Frame, body: bytes) -> Iterable[Contents]:
    """Read an ExportLogsServiceRequest."""
    return [Contents(Signal.LOGS, *decode_logs(body, received_ns=frame.received_ns))]
