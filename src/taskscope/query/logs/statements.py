"""The SQL of log records: files under ``query/sql/logs``, with what their columns mean put in."""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from string import Template
from typing import Final

from taskscope.query.logs.columns import CONTAINER, GROUPS, HASH, LEVEL, ROW, STREAMS, TASK, TIME

_COLUMNS: Final[Mapping[str, str]] = {
    "row": ROW, "time": TIME, "level": LEVEL, "groups": GROUPS, "streams": STREAMS, "task": TASK,
    "container": CONTAINER, "hash": HASH,
}  # fmt: skip


@cache
def _template(name: str) -> Template:
    return Template((files("taskscope.query") / "sql" / "logs" / f"{name}.sql").read_text(encoding="utf-8"))


def statement(name: str, **parts: str) -> str:
    """Return a statement; ``parts`` are SQL with values bound: ``where``, and ``way`` (``ASC`` or ``DESC``)."""
    return _template(name).substitute(_COLUMNS, **parts)
