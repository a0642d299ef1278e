"""OTLP in JSON."""

from collections.abc import Iterable

from taskscope.model.batch import Signal
from taskscope.pipeline.decode import Contents
from taskscope.spool.frame import Frame
from taskscope.wire.otlp.json_logs import decode_logs_json
from taskscope.wire.otlp.json_metrics import decode_metrics_json
from taskscope.wire.otlp.json_traces import decode_traces_json


def read_traces(_frame: Frame, body: bytes) -> Iterable[Contents]:
    """Read an ExportTraceServiceRequest."""
    return [Contents(Signal.SPANS, *decode_traces_json(body))]


def read_metrics(_frame: Frame, body: bytes) -> Iterable[Contents]:
    """Read an ExportMetricsServiceRequest."""
    return [Contents(Signal.METRICS, *decode_metrics_json(body))]


def read_logs(frame: Frame, body: bytes) -> Iterable[Contents]:
    """Read an ExportLogsServiceRequest."""
    return [Contents(Signal.LOGS, *decode_logs_json(body, received_ns=frame.received_ns))]
