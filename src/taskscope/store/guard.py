"""What a question may say, before the engine sees it; the engine itself is told to read only."""

import re
from typing import Final

from taskscope.errors import UsageError

_QUOTED: Final = re.compile(
    r"""'(?:[^'\\]|\\.|'')*'|"(?:[^"\\]|\\.)*"|`(?:[^`\\]|\\.)*`|--[^\n]*|\#[ !][^\n]*|/\*.*?\*/""", re.DOTALL
)
"""Texts, names in quotes, comments."""
_READS: Final = re.compile(r"[\s(]*(select|with|show|describe|desc|explain|exists)\b", re.IGNORECASE)
_OUTFILE: Final = re.compile(r"\boutfile\b", re.IGNORECASE)


def one_reading_statement(sql: str) -> str:
    """
    Return the statement without a semicolon at its end.

    chDB would run several statements, of which the first answer would come before the next one of its handle; and it
    writes a file for INTO OUTFILE even where it is told to read only. So that word is not allowed anywhere, not even in
    a text: a parameter may hold it.

    Raises:
        UsageError: It is none that reads, or more than one.
    """
    statement = sql.strip().rstrip(";").rstrip()
    bare = _QUOTED.sub(" ", statement)
    if not _READS.match(bare) or _OUTFILE.search(statement):
        raise UsageError("only statements that read are allowed", hint="begin it with SELECT, WITH, SHOW or DESCRIBE")
    if ";" in bare:
        raise UsageError("only one statement is allowed")
    return statement
