"""What is read from CloudWatch: log lines."""

from collections.abc import Iterable

from taskscope.model.batch import Signal
from taskscope.pipeline.decode import Contents
from taskscope.spool.frame import Frame
from taskscope.wire.log_events import decode_frame


def read_log_events(_frame: Frame, body: bytes) -> Iterable[Contents]:
    """Read log events; one that cannot be read does not cost the others."""
    records, refused = decode_frame(body)
    return [Contents(Signal.LOGS, records, [each.reason for each in refused])]
