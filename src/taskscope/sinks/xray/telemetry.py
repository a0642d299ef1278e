"""What X-Ray is told about its collector each minute, as by the X-Ray daemon."""

import logging
import threading
from typing import Final

from taskscope.aws.xray import TelemetryRecord, XRay, error_kind
from taskscope.clock import SECOND, Clock
from taskscope.errors import TaskscopeError

_LOG: Final = logging.getLogger(__name__)

INTERVAL_SECONDS: Final = 60


class Telemetry:
    """
    Counts documents, and sends a record with what is due a minute after the last.

    It needs no thread: a minute without documents has nothing to tell, so its record goes with the next ones.
    """

    def __init__(self, xray: XRay, *, clock: Clock, resource_arn: str = "") -> None:
        self._xray = xray
        self._clock = clock
        self._resource_arn = resource_arn
        self._lock = threading.Lock()
        self._record = TelemetryRecord(clock())
        self._due_ns = clock() + INTERVAL_SECONDS * SECOND

    def count(self, *, received: int = 0, sent: int = 0, rejected: int = 0) -> None:
        """Count documents that came to be sent, were taken, or were refused for good."""
        with self._lock:
            self._record.received += received
            self._record.sent += sent
            self._record.rejected += rejected

    def count_error(self, error: TaskscopeError) -> None:
        """Count a call that failed."""
        kind = error_kind(error)
        with self._lock:
            self._record.errors[kind] = self._record.errors.get(kind, 0) + 1

    def send_if_due(self) -> None:
        """Send the record of the minute that is over."""
        with self._lock:
            is_due = self._clock() >= self._due_ns
        if is_due:
            self._send()

    def close(self) -> None:
        """Send the rest, unless calls fail at present: nobody waits for an outage then."""
        if not self._record.errors:
            self._send()

    def _send(self) -> None:
        """Send what was counted since the last record, if there is anything; a failure is no more than logged."""
        with self._lock:
            record, self._record = self._record, TelemetryRecord(self._clock())
            self._due_ns = self._clock() + INTERVAL_SECONDS * SECOND
        if not (record.received or record.errors):
            return
        record.time_ns = self._clock()
        try:
            self._xray.put_telemetry(record, resource_arn=self._resource_arn)
        except TaskscopeError as error:
            _LOG.info("telemetry record not sent: %s", error)
