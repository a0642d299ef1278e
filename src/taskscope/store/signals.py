"""Which tables hold which signal, and which of their columns says when something happened."""

from collections.abc import Mapping, Sequence
from typing import Final

from taskscope.model.batch import Signal
from taskscope.store.columns.tables import CHANGES, IN_PROGRESS, LOGS, METRICS, SPANS

MINUTES: Final = "spans_by_minute"
USAGE: Final = "usage_by_minute"
"""What containers and tasks used, from metrics."""
ROLLED: Final = ("nodes_by_minute", "edges_by_minute", "rolled_minutes")
"""What is computed of whole minutes of spans."""

TABLES: Final[Mapping[Signal, Sequence[str]]] = {
    Signal.SPANS: (SPANS, IN_PROGRESS, MINUTES, *ROLLED),
    Signal.LOGS: (LOGS,),
    Signal.METRICS: (*METRICS.values(), USAGE),
    Signal.CHANGES: tuple(CHANGES.values()),
}

TIMES: Final[Mapping[str, str]] = {
    SPANS: "Timestamp",
    IN_PROGRESS: "Timestamp",
    MINUTES: "Minute",
    **dict.fromkeys(ROLLED, "Minute"),
    LOGS: "Timestamp",
    **dict.fromkeys(METRICS.values(), "TimeUnix"),
    USAGE: "Minute",
    **dict.fromkeys(CHANGES.values(), "Time"),
}
