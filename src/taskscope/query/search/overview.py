"""The overview of a window: its traces by a value that they share."""

import re
from collections.abc import Mapping
from typing import Final

from taskscope.errors import UsageError
from taskscope.query.search.root import of_root
from taskscope.query.search.row import EXCEPTIONS

OTHER: Final = "(other)"
"""Value of the row that holds all groups which are not shown."""
_ERROR: Final = f"firstNonDefault({EXCEPTIONS}[1].1, {EXCEPTIONS}[1].2, StatusMessage)"
_VALUES: Final[Mapping[str, str]] = {
    "url": f"[{of_root('HttpUrl')}]",
    "service": f"[{of_root('NodeName')}]",
    "status": f"[if({of_root('HttpStatus')} = 0, '', toString({of_root('HttpStatus')}))]",
    "method": f"[{of_root('HttpMethod')}]",
    "user": "arraySort(groupUniqArrayIf(User, User != ''))",
    "error": f"[argMinIf({_ERROR}, (Timestamp, SpanId), {_ERROR} != '')]",
}
_ANNOTATION: Final = re.compile(r"annotation(?:\.(.+)|\[(.+)\])", re.IGNORECASE | re.DOTALL)
_OF_ANNOTATION: Final = (
    "arrayFilter(each -> each != '', arraySort(groupUniqArrayArray("
    "[SpanAttributes[{by_key:String}], SpanAttributes[concat('aws.xray.annotation.', {by_key:String})]])))"
)


def values_of(by: str) -> tuple[str, Mapping[str, str]]:
    """
    Return the expression of a trace's values, and its parameters: of its root, the first error, or of any span.

    Raises:
        UsageError: Traces are not grouped by that.
    """
    if match := _ANNOTATION.fullmatch(by):
        return _OF_ANNOTATION, {"by_key": match[1] or match[2]}
    if by not in _VALUES:
        raise UsageError(f"traces are grouped by {', '.join(_VALUES)} or annotation.KEY, not by {by!r}")
    return _VALUES[by], {}
