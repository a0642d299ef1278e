"""Which lines are shown, on our side: ``--grep`` and ``--query``."""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final, NamedTuple, Self

from taskscope.errors import UsageError
from taskscope.model.log_reading import Entry, TraceEntry


class Shown(NamedTuple):
    """What is printed: a line or a trace, and what ``--query`` found in it."""

    entry: Entry
    result: Any = None
    """JSON; None where nothing was asked."""


@dataclass(slots=True)
class LineFilter:
    """Lets lines through; traces always pass."""

    pattern: re.Pattern[str] | None = None
    query: Any = None
    """A compiled expression of JMESPath."""
    no_json: int = 0
    """Lines that were left out because they are no JSON."""
    no_result: int = 0
    """Lines that were left out because the query finds nothing in them."""

    @classmethod
    def compile(cls, pattern: re.Pattern[str] | None, query: str | None) -> Self:
        """
        Compile the query.

        Raises:
            UsageError: It is no JMESPath.
        """
        if query is None:
            return cls(pattern)
        import jmespath  # type: ignore[import-untyped]  # noqa: PLC0415 (comes with the SDK, which loads on first use)

        try:
            return cls(pattern, jmespath.compile(query))
        except jmespath.exceptions.JMESPathError as error:
            raise UsageError(
                f"--query {query!r} is no JMESPath: {str(error).splitlines()[0]}", hint="such as: message, or [a, b.c]"
            ) from None

    def shown(self, entries: Iterable[Entry]) -> Iterator[Shown]:
        """Yield what passes."""
        for each in entries:
            if isinstance(each, TraceEntry):
                yield Shown(each)
            elif self.pattern is None or self.pattern.search(each.message):
                if self.query is None:
                    yield Shown(each)
                elif (result := self._result(each.message)) is not None:
                    yield Shown(each, result)

    def _result(self, message: str) -> Any:
        from jmespath.exceptions import JMESPathError  # type: ignore[import-untyped]  # noqa: PLC0415 (as above)

        try:
            document = json.loads(message)
        except (ValueError, RecursionError):
            self.no_json += 1
            return None
        try:
            result = self.query.search(document)
        except JMESPathError:  # a function that does not take what it is given
            result = None
        self.no_result += result is None
        return result

    def left_out(self) -> str:
        """Say how many lines ``--query`` left out; empty for none."""
        parts = [f"{count} {why}" for count, why in ((self.no_json, _NO_JSON), (self.no_result, _NO_RESULT)) if count]
        return f"--query left lines out: {', '.join(parts)}" if parts else ""


_NO_JSON: Final = "that are no JSON"
_NO_RESULT: Final = "without a result"
