"""Figures of requests, added up over minutes."""

from collections.abc import Sequence
from typing import Any, Final

from taskscope.model.service_map import Statistics, Tally

TOTALS: Final = (
    "sum(Ok), sum(Errors), sum(Throttles), sum(Faults), sum(DurationSum), max(DurationMax), sumMap(Histogram)"
)
"""What is asked of rows of ``nodes`` or ``edges``."""
TIMES: Final = "toUnixTimestamp64Nano(min(Start)), toUnixTimestamp64Nano(max(End))"


def statistics_of(totals: Sequence[Any]) -> Statistics:
    """Read what ``TOTALS`` asks for."""
    *counts, duration_sum, duration_max, histogram = totals
    return Statistics(
        Tally(*map(int, counts)),
        int(duration_sum),
        int(duration_max),
        {int(bucket): int(count) for bucket, count in histogram.items()},
    )


def tally_of_operation(calls: int, errors: int, throttles: int, faults: int) -> Tally:
    """
    Read the counts of ``spans_by_minute``, whose errors include throttles.

    A span that is an error and a fault counts there as both: of such ones ``ok`` is lower by that.
    """
    return Tally(max(0, calls - errors - faults), errors - throttles, throttles, faults)
