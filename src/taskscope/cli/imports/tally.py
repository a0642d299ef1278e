"""What an import has done so far, for people and for programs."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Final

from taskscope.model.imported import ImportReceipt

_MOST_REASONS: Final = 5
_NAMES: Final = {"spans": "span", "logs": "log record", "metrics": "datapoint"}


@dataclass
class Tally:
    """Counts rows."""

    stored: Counter[str] = field(default_factory=Counter)
    """By signal."""
    traces: set[str] = field(default_factory=set)
    """Those of which something was stored."""
    known: int = 0
    refused: int = 0
    reasons: list[str] = field(default_factory=list)
    """The first of those for which something was refused."""

    def add(self, signal: str, receipt: ImportReceipt) -> None:
        """Count what a request did."""
        self.stored[signal] += receipt.stored
        self.known += receipt.known
        self.traces.update(each.trace_id for each in receipt.traces if each.stored)
        self.refuse(receipt.refused, *receipt.reasons)

    def refuse(self, count: int, *reasons: str) -> None:
        """Count what was not taken."""
        self.refused += count
        for each in reasons:
            if len(self.reasons) < _MOST_REASONS and each not in self.reasons:
                self.reasons.append(each)

    def text(self) -> str:
        """Say it in a line."""
        parts = [_count(self.stored[signal], name) for signal, name in _NAMES.items() if self.stored[signal]]
        if self.traces and self.stored["spans"]:
            parts[0] = f"{_count(len(self.traces), 'trace')} ({parts[0]})"
        stored = " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts) or "nothing new"
        return f"imported {stored}, {self.known:,} known already, {self.refused:,} refused"

    def document(self) -> dict[str, Any]:
        """Return it for programs."""
        return {
            **{signal: self.stored[signal] for signal in _NAMES},
            "traces": len(self.traces),
            "known": self.known,
            "refused": self.refused,
            "reasons": self.reasons,
        }


def _count(number: int, name: str) -> str:
    return f"{number:,} {name}{'' if number == 1 else 's'}"
