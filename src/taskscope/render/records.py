"""Rows of a query, in the form that was asked for: lines of text, JSON, CSV."""

import csv
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from io import StringIO
from typing import Any, Final, TypeAlias

from taskscope.render.text import escape

_CRLF: Final = "\r\n"
Rows: TypeAlias = Iterable[Sequence[Any]]


def cell(value: Any) -> str:
    """Write a value for a person: text on one line as it is, nothing for null, the rest as JSON."""
    if value is None:
        return ""
    return escape(value if isinstance(value, str) else _json(value)).replace("\t", r"\t")


def as_text(columns: Sequence[str], rows: Rows) -> Iterator[str]:
    """Yield lines of values with tabs between them, the names of the columns first."""
    yield "\t".join(cell(each) for each in columns)
    for row in rows:
        yield "\t".join(cell(each) for each in row)


def as_csv(columns: Sequence[str], rows: Rows) -> Iterator[str]:
    """Yield records of CSV (RFC 4180), the names of the columns first; text is not changed."""
    for row in (columns, *rows):
        buffer = StringIO()
        plain = [each if isinstance(each, str) else "" if each is None else _json(each) for each in row]
        csv.writer(buffer, lineterminator=_CRLF).writerow(plain)  # it quotes what is in its line's end
        yield buffer.getvalue().removesuffix(_CRLF)


def as_json(columns: Sequence[str], rows: Rows) -> Iterator[str]:
    """Yield the lines of an array with an object for each row."""
    comma = "["
    for line in as_jsonl(columns, rows):
        yield comma + line
        comma = ","
    yield "]" if comma == "," else "[]"


def as_jsonl(columns: Sequence[str], rows: Rows) -> Iterator[str]:
    """Yield an object for each row."""
    names = distinct(columns)
    for row in rows:
        yield _json(dict(zip(names, row, strict=True)))


def distinct(names: Sequence[str]) -> list[str]:
    """Return names of which no two are equal, as keys of an object have to be: ``n``, ``n_2``."""
    found: dict[str, None] = {}
    for name in names:
        candidate, number = name, 2
        while candidate in found:
            candidate, number = f"{name}_{number}", number + 1
        found[candidate] = None
    return list(found)


FORMS: Final[Mapping[str, Callable[[Sequence[str], Rows], Iterator[str]]]] = {
    "text": as_text,
    "json": as_json,
    "jsonl": as_jsonl,
    "csv": as_csv,
}


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
