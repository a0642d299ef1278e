"""Messages of AWS: changes of ECS objects, events of Lambda."""

from collections.abc import Iterable

from taskscope.model.batch import Signal
from taskscope.pipeline.decode import Contents
from taskscope.spool.frame import Frame
from taskscope.wire.eventbridge.decode import decode


def read_event(frame: Frame, body: bytes) -> Iterable[Contents]:
    """Read one message, whatever it is wrapped in."""
    decoded = decode(body, received_ns=frame.received_ns)
    return [Contents(Signal.CHANGES, decoded.changes), Contents(Signal.LOGS, decoded.logs)]
