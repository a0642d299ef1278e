"""Where lines are read: a log group, or some of its streams."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from taskscope.model.log_reading import NO_LABELS

_FUNCTION_STREAM: Final = re.compile(r"\d{4}/\d\d/\d\d/(?P<function>[^\[]*)\[")
"""Where functions share a group, the stream names its own: ``2026/11/20/NAME[$LATEST]…``."""


@dataclass(frozen=True, slots=True)
class LogPlace:
    """A log group of one region, narrowed to streams or not."""

    group: str
    region: str | None = None
    stream: str = ""
    """The only stream; empty: all, unless ``prefix`` is set."""
    prefix: str = ""
    """How streams begin, those of one container: what follows it is the task's id."""
    function: str = ""
    """Only this function's streams, in a group that functions share."""
    arn: str = field(default="", compare=False)
    """Of a group that exists and may have live tail; else empty."""
    labels: Mapping[str, str] = field(default_factory=lambda: NO_LABELS, compare=False)
    """What its lines are labelled with."""
    required: bool = field(default=True, compare=False)
    """Whether the user named the group; one that follows from something else may not exist yet."""

    @property
    def beginning(self) -> str:
        """How its streams begin, as CloudWatch Logs is asked; empty for any."""
        return self.stream or self.prefix

    def wants(self, stream: str) -> bool:
        """Whether a stream of the group belongs to it."""
        if self.stream:
            return stream == self.stream
        if self.function and (found := _FUNCTION_STREAM.match(stream)) and found["function"]:
            return found["function"] == self.function
        return stream.startswith(self.prefix)

    def labels_of(self, stream: str) -> Mapping[str, str]:
        """Return the labels of a stream's lines."""
        if not self.prefix:
            return self.labels
        return {**self.labels, "task": stream.removeprefix(self.prefix)}

    def covers(self, other: "LogPlace") -> bool:
        """Whether every line of another place is read here, too."""
        if (self.group, self.region) != (other.group, other.region):
            return False
        if self.stream:
            return self.stream == other.stream
        if self.function:
            return self.function == other.function
        return other.beginning.startswith(self.prefix)


def distinct(places: Iterable[LogPlace]) -> list[LogPlace]:
    """Leave out what another place reads, too, so that no line is read twice; equal ones stand once."""
    found = list(dict.fromkeys(places))
    return [each for each in found if not any(other.covers(each) for other in found if other is not each)]
