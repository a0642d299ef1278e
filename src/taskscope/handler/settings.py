"""The function's settings, from its environment: ``TASKSCOPE_*``, or as fujiwara/tracer names them, ``TRACER_*``."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from taskscope.config.times import parse_duration
from taskscope.errors import UsageError

_FALSE = {"0", "f", "false", "no", "off"}


@dataclass(frozen=True, slots=True)
class Settings:
    """How a stopped task is reported."""

    duration: int
    """``TASKSCOPE_DURATION``: log lines around start and end, in nanoseconds; default 1m."""
    topic: str
    """``TASKSCOPE_SNS``: ARN of the SNS topic that gets the report; empty: none."""
    stdout: bool
    """``TASKSCOPE_STDOUT``: whether the report goes to the function's log; default true."""

    @classmethod
    def read(cls, environment: Mapping[str, str]) -> Self:
        """
        Read the variables.

        Raises:
            UsageError: A value is wrong; the message names the variable.
        """

        def value(name: str, default: str) -> str:
            return environment.get(f"TASKSCOPE_{name}") or environment.get(f"TRACER_{name}") or default

        try:
            duration = parse_duration(value("DURATION", "1m"))
        except UsageError as error:
            raise UsageError(f"TASKSCOPE_DURATION: {error.message}", hint=error.hint) from None
        return cls(duration, value("SNS", ""), value("STDOUT", "true").lower() not in _FALSE)
