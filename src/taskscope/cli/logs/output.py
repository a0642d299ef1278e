"""What ``logs`` prints: lines and traces, as text, as one array of JSON, or as lines of JSON."""

import json
import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import tzinfo
from itertools import islice
from typing import Final

from taskscope.cli.logs.query import Shown
from taskscope.model.log_reading import LogEntry
from taskscope.render.logs import log_document, log_text, trace_text

FORMS: Final = ("text", "json", "jsonl")
_PIECE: Final = 1000
"""Lines of one write."""


@dataclass(slots=True)
class LogOutput:
    """Prints to stdout, piece by piece: nothing is kept."""

    form: str
    """Of ``FORMS``."""
    zone: tzinfo | None = None
    raw: bool = False
    color: bool = False
    mark: re.Pattern[str] | None = None
    """What is underlined in messages."""
    printed: int = field(default=0, init=False)
    """How many lines."""

    def print(self, shown: Iterable[Shown]) -> None:
        """Print lines; those of an array of JSON want ``finish`` at the end."""
        waiting = iter(shown)
        while piece := list(islice(waiting, _PIECE)):
            self._write(self._lines(piece))

    def finish(self) -> None:
        """Close an array of JSON."""
        if self.form == "json":
            self._write(["]\n" if self.printed else "[]\n"])

    def names(self, names: Iterable[str]) -> int:
        """Print names of log groups; return how many."""
        found = list(names)
        if self.form == "json":
            self._write([json.dumps(found, indent=2), "\n"])
        else:
            self._write(f"{json.dumps(each) if self.form == 'jsonl' else each}\n" for each in found)
        return len(found)

    def _lines(self, piece: Iterable[Shown]) -> Iterator[str]:
        for each in piece:
            if self.form == "text":
                text = self._text(each)
                yield text if self.raw and text.endswith("\n") else f"{text}\n"
            elif self.form == "jsonl":
                yield f"{self._json(each)}\n"
            else:
                yield f"{',' if self.printed else '['}{self._json(each)}\n"
            self.printed += 1

    def _text(self, shown: Shown) -> str:
        entry = shown.entry
        if not isinstance(entry, LogEntry):
            return trace_text(entry, zone=self.zone, color=self.color)
        if shown.result is not None:
            found = shown.result
            entry = entry._replace(message=found if isinstance(found, str) else json.dumps(found, ensure_ascii=False))
        return log_text(entry, zone=self.zone, raw=self.raw, color=self.color, mark=self.mark)

    def _json(self, shown: Shown) -> str:
        document = log_document(shown.entry, zone=self.zone)
        if shown.result is not None:
            document["result"] = shown.result
        return json.dumps(document, ensure_ascii=False)

    @staticmethod
    def _write(texts: Iterable[str]) -> None:
        sys.stdout.buffer.write("".join(texts).encode("utf-8", "backslashreplace"))
        sys.stdout.buffer.flush()
