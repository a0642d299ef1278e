"""Of a trace, a group of rows: what its root has."""

from typing import Final

_RANK: Final = "multiIf(NOT IsEntry, 2, HasParent, 1, 0)"


def of_root(expression: str) -> str:
    """Take an expression's value of the row that stands for the trace, as ``TraceSummary`` says; the id breaks ties."""
    return f"argMin({expression}, ({_RANK}, Timestamp, SpanId))"
