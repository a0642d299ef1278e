"""Conditions on labels, as ``label=value`` says them, and labels to group by."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Final, NamedTuple

from taskscope.errors import UsageError
from taskscope.query.logs.condition import Condition
from taskscope.query.metrics.places import Place, label_sql

MAX_BY: Final = 10
_MATCHER: Final = re.compile(r"\s*([^=!~]+?)\s*(=~|!~|!=|=)(.*)", re.DOTALL)
_UNREAD: Final = re.compile(r"cannot compile re2: \^\(\?s:(.*?)\)\$, error: (.*?)\. Look at", re.DOTALL)
_FORMS: Final = {
    "=": "{label} = ?",
    "!=": "{label} != ?",
    "=~": "match({label}, ?)",
    "!~": "NOT match({label}, ?)",
}


class Matcher(NamedTuple):
    """A condition on a label, which is empty where a series does not have it."""

    label: str
    operator: str
    value: str
    """Of ``=~`` and ``!~`` a regular expression (RE2's) for the whole value."""

    def condition(self, place: Place) -> Condition:
        """Return the condition in SQL."""
        value = f"^(?s:{self.value})$" if "~" in self.operator else self.value
        named = label_sql(self.label, place)
        return Condition(_FORMS[self.operator].format(label=named.sql), (*named.values, value))


def read_matcher(text: str) -> Matcher:
    """
    Read ``label=value``, ``!=``, ``=~`` or ``!~``.

    Raises:
        UsageError: It is none; a regular expression that does not read is told by ``telling``.
    """
    found = _MATCHER.fullmatch(text)
    if found is None:
        raise UsageError(f"{text!r} is no condition on a label", hint="write label=value, label!=value or label=~regex")
    return Matcher(*found.groups())


def matching(matchers: Iterable[Matcher], places: Mapping[str, Place]) -> Condition:
    """Return the condition that all of some hold; labels may be anywhere whose place is not told."""
    return Condition.all(*(each.condition(places.get(each.label, Place.EITHER)) for each in matchers))


def check_groups(by: Sequence[str]) -> None:
    """
    Check labels to group by.

    Raises:
        UsageError: There are too many, or one twice.
    """
    if len(by) > MAX_BY or len(set(by)) < len(by) or "" in by:
        raise UsageError(f"group by up to {MAX_BY} different labels, not by {', '.join(by)!r}")


def group_sql(by: Sequence[str], places: Mapping[str, Place]) -> Condition:
    """Return the SQL of the values of labels, as an array."""
    parts = [label_sql(each, places[each]) for each in by]
    values = tuple(value for each in parts for value in each.values)
    return Condition(f"CAST([{', '.join(each.sql for each in parts)}], 'Array(String)')", values)


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
