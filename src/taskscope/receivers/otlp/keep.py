"""Keeping a request: what HTTP and gRPC do alike once they have its bytes."""

import logging
from typing import Final

from taskscope.counters import Counters
from taskscope.errors import SpoolFullError
from taskscope.receivers.otlp.refusal import FULL, STORAGE, RefusedError
from taskscope.spool.api import Appender
from taskscope.spool.frame import Frame

_LOG: Final = logging.getLogger(__name__)


async def keep(spool: Appender, counters: Counters, receiver: str, frame: Frame) -> None:
    """
    Append a frame and count it; what returns may be acknowledged.

    Raises:
        RefusedError: It could not be kept; the sender should come again.
    """
    try:
        await spool.append([frame])
    except SpoolFullError as error:
        raise RefusedError(FULL, error.message) from None
    except Exception as error:  # whatever it is: an answer that forbids a retry would lose the request
        _LOG.warning("the spool did not keep a request: %r", error)
        raise RefusedError(STORAGE, "the request could not be kept") from error
    counters.add(f"received.{receiver}")
    counters.add(f"received_bytes.{receiver}", len(frame.body))
