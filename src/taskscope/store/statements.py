"""SQL as files: each statement of the schema with its reasons, in the order that ``_order`` writes down."""

from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from string import Template
from typing import Final

from taskscope.errors import TaskscopeError

_SQL: Final = files("taskscope.store") / "sql"

OTLP_SCHEMA: Final = (_SQL / "otlp_traces.proto").read_text(encoding="utf-8")
"""What a body of OTLP traces is, with attribute values left as bytes."""

LATEST_NS: Final = 4_102_444_800_000_000_000
"""2100-01-01: a later time is taken for this one, since days end in 2149 and minutes in 2106."""


@dataclass(frozen=True, slots=True)
class Statement:
    """One file under ``sql/ddl``: one statement, which changes nothing if it has run before."""

    name: str
    template: str

    @property
    def creates(self) -> bool:
        """Whether it makes a table or view of its name; else it changes one."""
        return "CREATE " in self.template

    def render(self, *, database: str, writers: str) -> str:
        """Put in the names of the databases."""
        return Template(self.template).substitute(
            database=f"`{database}`", writers=f"`{writers}`", otlp_text=_otlp_text(), latest_ns=LATEST_NS
        )


@cache
def schema() -> tuple[Statement, ...]:
    """
    Return the statements that make the schema; the number of a migration is its place among them.

    Raises:
        TaskscopeError: A file and ``_order`` do not agree; a mistake of the program.
    """
    ddl = _SQL / "ddl"
    names = (ddl / "_order").read_text(encoding="utf-8").split()
    found = {each.name for each in ddl.iterdir()} | {f"writers/{each.name}" for each in (ddl / "writers").iterdir()}
    if {f"{name}.sql" for name in names} != found - {"_order", "writers"} or len(set(names)) != len(names):
        raise TaskscopeError("the schema's files are not those that sql/ddl/_order names")
    return tuple(Statement(name, (ddl / f"{name}.sql").read_text(encoding="utf-8")) for name in names)


@cache
def _otlp_text() -> str:
    return (_SQL / "otlp_text.sql").read_text(encoding="utf-8").strip()
