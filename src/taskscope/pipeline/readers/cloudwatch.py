"""What is read from CloudWatch: log lines, performance events, metrics."""

from collections.abc import Iterable

from taskscope.model.batch import Signal
from taskscope.pipeline.decode import Contents
from taskscope.spool.frame import Frame
from taskscope.wire.insights.metric_data import decode_metric_data
from taskscope.wire.insights.performance import decode_performance
from taskscope.wire.log_events import decode_frame


def read_log_events(_frame: Frame, body: bytes) -> Iterable[Contents]:
    """Read log events; one that cannot be read does not cost the others."""
    records, refused = decode_frame(body)
    return [Contents(Signal.LOGS, records, [each.reason for each in refused])]


def read_performance(_frame: Frame, body: bytes) -> Iterable[Contents]:
    """Read Container Insights' performance events; likewise."""
    return [Contents(Signal.METRICS, *decode_performance(body))]


def read_metric_data(_frame: Frame, body: bytes) -> Iterable[Contents]:
    """Read CloudWatch's metrics."""
    return [Contents(Signal.METRICS, decode_metric_data(body))]
