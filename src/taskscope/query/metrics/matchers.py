"""Labels of metrics: where they are found, and conditions on them as ``label=value`` says them."""

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Final

from taskscope.errors import UsageError
from taskscope.query.logs.condition import Condition

SERVICE: Final = "service"
"""The label that every series has: the name of its service, unless its sender gave it another of that name."""
MAX_BY: Final = 10
_MATCHER: Final = re.compile(r"\s*([^=!~]+?)\s*(=~|!~|!=|=)(.*)", re.DOTALL)
_UNREAD: Final = re.compile(r"cannot compile re2: \^\(\?s:(.*?)\)\$, error: (.*?)\. Look at", re.DOTALL)
_FORMS: Final = {
    "=": "{label} = ?",
    "!=": "{label} != ?",
    "=~": "match({label}, ?)",
    "!~": "NOT match({label}, ?)",
}


def label_sql(label: str) -> Condition:
    """
    Return the SQL of a label's value: of a point's own attribute, else of its resource's, else empty.

    Keys and values are read as arrays: the engine reads those of a map that way in half the time of the map.
    """
    own = "Attributes.values[indexOf(Attributes.keys, ?)]"
    of_resource = "ResourceAttributes.values[indexOf(ResourceAttributes.keys, ?)]"
    if label == SERVICE:
        found = f"multiIf(has(Attributes.keys, ?), {own}, has(ResourceAttributes.keys, ?), {of_resource}, ServiceName)"
        return Condition.of(f"toString({found})", *[label] * 4)
    return Condition.of(f"if(has(Attributes.keys, ?), {own}, {of_resource})", *[label] * 3)


def group_sql(by: Sequence[str]) -> Condition:
    """
    Return the SQL of the values of labels, as an array.

    Raises:
        UsageError: There are too many, or one twice.
    """
    if len(by) > MAX_BY or len(set(by)) < len(by) or "" in by:
        raise UsageError(f"group by up to {MAX_BY} different labels, not by {', '.join(by)!r}")
    parts = [label_sql(each) for each in by]
    values = tuple(value for each in parts for value in each.values)
    return Condition(f"CAST([{', '.join(each.sql for each in parts)}], 'Array(String)')", values)


def matching(where: Iterable[str]) -> Condition:
    """
    Return the condition that matchers are: ``label=value``, ``!=``, and ``=~`` and ``!~`` with a regular expression
    (RE2's) for the whole value. A label that a series does not have is empty.

    Raises:
        UsageError: A matcher does not read; a regular expression that does not is told by ``telling``.
    """
    return Condition.all(*map(_matcher, where))


def _matcher(text: str) -> Condition:
    found = _MATCHER.fullmatch(text)
    if found is None:
        raise UsageError(f"{text!r} is no condition on a label", hint="write label=value, label!=value or label=~regex")
    label, operator, value = found.groups()
    if "~" in operator:
        value = f"^(?s:{value})$"
    named = label_sql(label)
    return Condition(_FORMS[operator].format(label=named.sql), (*named.values, value))


@contextmanager
def telling() -> Iterator[None]:
    """
    Tell of a regular expression what the engine says of it.

    Raises:
        UsageError: It does not read, or the engine has something else to say.
    """
    try:
        yield
    except UsageError as error:
        if found := _UNREAD.search(error.message):
            raise UsageError(f"the regular expression {found[1]!r} does not read: {found[2]}") from None
        raise
