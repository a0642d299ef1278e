"""The overview of a window: its traces by a value that they share."""

import re
from collections.abc import Mapping
from typing import Final, NamedTuple

from taskscope.errors import UsageError
from taskscope.query.search.row import EXCEPTIONS

OTHER: Final = "(other)"
"""Value of the row that holds all groups which are not shown."""
_ERROR: Final = f"firstNonDefault({EXCEPTIONS}[1].1, {EXCEPTIONS}[1].2, StatusMessage)"
_OF_ROOT: Final[Mapping[str, str]] = {
    "url": "HttpUrl",
    "service": "NodeName",
    "status": "if(HttpStatus = 0, '', toString(HttpStatus))",
    "method": "HttpMethod",
}
_OF_TRACE: Final[Mapping[str, str]] = {
    "user": "arraySort(groupUniqArrayIf(User, User != ''))",
    "error": f"[argMinIf({_ERROR}, (Timestamp, SpanId), {_ERROR} != '')]",
}
_ANNOTATION: Final = re.compile(r"annotation(?:\.(.+)|\[(.+)\])", re.IGNORECASE | re.DOTALL)
_OF_ANNOTATION: Final = (
    "arrayFilter(each -> each != '', arraySort(groupUniqArrayArray("
    "[SpanAttributes[{by_key:String}], SpanAttributes[concat('aws.xray.annotation.', {by_key:String})]])))"
)


class Grouping(NamedTuple):
    """By what traces are grouped."""

    of_root: str
    """Expression over the row of the root; it is the third of ``root``."""
    values: str
    """Expression of a trace's values."""
    parameters: Mapping[str, str]


def grouping(by: str) -> Grouping:
    """
    Return how to group: by a value of the root, the first error, or the values of any span.

    Raises:
        UsageError: Traces are not grouped by that.
    """
    if by in _OF_ROOT:
        return Grouping(_OF_ROOT[by], "[root.3]", {})
    if by in _OF_TRACE:
        return Grouping("''", _OF_TRACE[by], {})
    if match := _ANNOTATION.fullmatch(by):
        return Grouping("''", _OF_ANNOTATION, {"by_key": match[1] or match[2]})
    known = ", ".join((*_OF_ROOT, *_OF_TRACE))
    raise UsageError(f"traces are grouped by {known} or annotation.KEY, not by {by!r}")
