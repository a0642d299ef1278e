"""Filter expressions of requests, and of the group that they name."""

from taskscope.api.xray.state import ALL, XrayState
from taskscope.query.search.parse import parse


def with_group(expression: str, group: str, state: XrayState) -> str:
    """
    Return an expression that traces of the group fit, and the one that was given; empty: all traces do.

    Raises:
        UsageError: The given one cannot be read; the column is that of the text as it was given.
        NotFoundError: There is no such group.
    """
    parse(expression)
    if group in ("", ALL.name):
        return expression
    both = [each for each in (expression, state.group(group).expression) if each.strip()]
    return " AND ".join(f"({each})" for each in both) if len(both) > 1 else "".join(both)
