"""Which events of a timeline are shown: by source, container and text."""

import re
from collections.abc import Collection
from dataclasses import dataclass

from taskscope.errors import UsageError
from taskscope.model.timeline import Kind, TimelineEvent

SOURCES = ("task", "service", "container", "span", "metric")


@dataclass(frozen=True, slots=True)
class Selection:
    """What the filters of the command line let through; an empty filter lets everything through."""

    sources: Collection[str] = ()
    """Of ``SOURCES``."""
    containers: Collection[str] = ()
    """Names; they choose among containers and leave task and service lines alone."""
    pattern: re.Pattern[str] | None = None
    no_logs: bool = False

    def shows(self, event: TimelineEvent) -> bool:
        """Whether an event is shown."""
        if self.sources and event.source.partition(":")[0].lower() not in self.sources:
            return False
        if event.container is not None and not self.container(event.container):
            return False
        return self.pattern is None or self.pattern.search(event.message) is not None

    def container(self, name: str) -> bool:
        """Whether the output of a container is shown."""
        return not self.containers or name in self.containers

    def check(self, known: Collection[str]) -> None:
        """
        Refuse names of containers that a task does not have; ``known`` are those that it has.

        Raises:
            UsageError: The message names them.
        """
        if known and (wrong := [each for each in self.containers if each not in known]):
            raise UsageError(f"the task has no container {', '.join(wrong)}", hint=f"it has: {', '.join(known)}")

    @property
    def empty(self) -> bool:
        """Whether nothing was asked for."""
        return not (self.sources or self.containers or self.pattern or self.no_logs)

    def asks_server(self, kind: Kind) -> bool:
        """Whether any span, or any reading, can be shown."""
        return not self.sources or kind.value in self.sources

    @property
    def logs(self) -> bool:
        """Whether any log line can be shown."""
        return not self.no_logs and (not self.sources or "container" in self.sources)


def compile_pattern(text: str | None) -> re.Pattern[str] | None:
    """
    Compile ``--grep``.

    Raises:
        UsageError: It is no regular expression.
    """
    try:
        return None if text is None else re.compile(text)
    except re.error as error:
        raise UsageError(f"--grep {text!r} is no regular expression: {error}") from None
