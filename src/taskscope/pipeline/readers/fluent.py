"""Messages of the Fluent forward protocol."""

from collections.abc import Iterable

from taskscope.model.batch import Signal
from taskscope.pipeline.decode import Contents
from taskscope.spool.frame import Frame
from taskscope.wire.fluent.decode import decode


def read_message(frame: Frame, body: bytes) -> Iterable[Contents]:
    """Read one message."""
    return [Contents(Signal.LOGS, decode(body, received_ns=frame.received_ns))]
