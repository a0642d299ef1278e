"""Log groups by name or glob."""

import difflib
import re
from collections.abc import Iterable, Iterator, Sequence
from fnmatch import fnmatchcase
from itertools import islice
from typing import Final

from taskscope.aws.log_search import LogGroup, LogSearch
from taskscope.errors import DeniedError, NotFoundError, TaskscopeError
from taskscope.sources.logs.place import LogPlace
from taskscope.sources.logs.window import Search

_WILD: Final = re.compile(r"[*?\[]")
_ARN: Final = re.compile(r"arn:[\w-]+:logs:(?P<region>[\w-]+):\d*:log-group:(?P<name>[^:]+)(?::\*)?")
_LOOKED_AT: Final = 1000
"""Names among which similar ones are looked for: 20 calls of DescribeLogGroups, which allows five a second."""
_SHOWN: Final = 5


def is_glob(name: str) -> bool:
    """Whether a name is a pattern, which groups that come to be later may fit, too."""
    return _WILD.search(name) is not None


def live_arn(group: LogGroup) -> str:
    """Return the ARN of a group that has live tail; empty for one of a class that has none."""
    return group.arn if group.log_class == "STANDARD" else ""


def find_groups(search_in: Search, text: str) -> Iterator[LogPlace]:
    """
    Yield the group of a name or ARN, or all that a glob fits.

    A group that may not be described is taken to exist: reading it may be allowed.

    Raises:
        NotFoundError: There is none; the hint names similar ones.
    """
    arn = _ARN.fullmatch(text)
    name, region = (arn["name"], arn["region"]) if arn else (text, None)
    search = search_in(region)
    glob = _WILD.search(name)
    literal = name[: glob.start()] if glob else name
    try:
        found = [
            each for each in search.groups(literal) if (fnmatchcase(each.name, name) if glob else each.name == name)
        ]
    except DeniedError:
        if glob:
            raise
        yield LogPlace(name, region)
        return
    if not found:
        what = f"no log group fits {name}" if glob else f"there is no log group {name}"
        raise NotFoundError(f"{what} in this account and region", hint=_hint(search, literal))
    yield from (LogPlace(each.name, region, arn=live_arn(each)) for each in found)


def _hint(search: LogSearch, name: str) -> str:
    try:
        names = [each.name for each in islice(search.groups(), _LOOKED_AT)]
    except TaskscopeError:
        names = []
    return similar(name, names) or "taskscope logs lists the log groups; check --region and --profile"


def similar(name: str, names: Sequence[str]) -> str:
    """Say which of the names are like a name: by its last part, or as a whole; empty if none is."""
    last = name.rstrip("/").rpartition("/")[2].lower()
    within = [each for each in names if last and last in each.lower()]
    near = difflib.get_close_matches(name, names, n=_SHOWN, cutoff=0.6)
    found = list(dict.fromkeys([*near, *within]))[:_SHOWN]
    return f"did you mean {_either(found)}?" if found else ""


def _either(names: Iterable[str]) -> str:
    return " or ".join(names)
