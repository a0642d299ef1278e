"""Looks again and again: what was found last stays until a look succeeds, and what changes is said once."""

import json
from collections.abc import Callable

from taskscope.errors import TaskscopeError, UnavailableError
from taskscope.sources.discovery.left_out import lines
from taskscope.sources.discovery.look import Discovery
from taskscope.sources.discovery.targets import documents


class Rounds:
    """Holds the newest targets as JSON. For one thread at a time."""

    def __init__(self, discovery: Discovery, say: Callable[[str], None]) -> None:
        self._discovery = discovery
        self._say = say
        self._said: list[str] = []
        self.content: bytes | None = None
        """Of the last look that succeeded; None until one has."""
        self.failure = ""
        """Why the last look failed; empty if it did not."""

    def look(self) -> bytes:
        """
        Look once, and say which tasks are left out.

        Raises:
            TaskscopeError: AWS cannot be asked.
        """
        found = self._discovery.look()
        self.content = json.dumps(documents(found.targets), indent=2).encode() + b"\n"
        self._tell(lines(found.left_out))
        if self.failure:
            self.failure = ""
            self._say("AWS answers again")
        return self.content

    def first(self) -> bool:
        """
        Look for the first time; whether it has succeeded. What may be otherwise later is said only.

        Raises:
            TaskscopeError: A retry cannot help: there is no such cluster, a permission is missing.
        """
        try:
            self.look()
        except UnavailableError as error:
            return self._failed(error)
        return True

    def again(self) -> bool:
        """Look once more; whether it has succeeded. A failure is said, and what was found before stays."""
        try:
            self.look()
        except TaskscopeError as error:
            return self._failed(error)
        return True

    def _failed(self, error: TaskscopeError) -> bool:
        if str(error) != self.failure:
            self._say(f"{error}; the targets stay as they are")
        self.failure = str(error)
        return False

    def _tell(self, said: list[str]) -> None:
        """Say what has not been said at the last look."""
        for line in said:
            if line not in self._said:
                self._say(line)
        self._said = said
