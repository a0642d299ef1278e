"""What the rest of the lab asks of CloudWatch Logs, below the API: by method, not by HTTP."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class LogLine:
    """One log event: epoch milliseconds and a message, which is not empty."""

    timestamp: int
    message: str


class LogWriter(Protocol):
    """Writes log events as PutLogEvents does, without its age limits. All calls happen on the lab's event loop."""

    def create_group(self, region: str, group: str) -> None:
        """
        Create a log group; an existing one stays as it is.

        Raises:
            ApiError: ``InvalidParameterException``, the name is not allowed.
        """

    def create_stream(self, region: str, group: str, stream: str) -> None:
        """
        Create a log stream; an existing one stays as it is.

        Raises:
            ApiError: ``ResourceNotFoundException``, the group does not exist; ``InvalidParameterException``,
                the name is not allowed.
        """

    def put(self, region: str, group: str, stream: str, lines: Sequence[LogLine]) -> None:
        """
        Append lines in this order.

        Raises:
            ApiError: ``ResourceNotFoundException``, the group or stream does not exist.
        """
