"""What the engine's errors mean to us: bad data, a bad question, or something that may pass."""

import errno
import re
from typing import Final

from taskscope.errors import (
    CredentialsError,
    DeniedError,
    MalformedPayloadError,
    TaskscopeError,
    UnavailableError,
    UnreachableError,
    UsageError,
)

_BAD_DATA: Final = frozenset(
    {
        6,  # CANNOT_PARSE_TEXT
        26,  # CANNOT_PARSE_QUOTED_STRING
        27,  # CANNOT_PARSE_INPUT_ASSERTION_FAILED
        32,  # ATTEMPT_TO_READ_AFTER_EOF: a truncated body
        33,  # CANNOT_READ_ALL_DATA
        53,  # TYPE_MISMATCH
        69,  # ARGUMENT_OUT_OF_BOUND
        70,  # CANNOT_CONVERT_TYPE
        117,  # INCORRECT_DATA
        131,  # TOO_LARGE_STRING_SIZE: an id with too many bytes
        190,  # SIZES_OF_ARRAYS_DONT_MATCH
        349,  # CANNOT_INSERT_NULL_IN_ORDINARY_COLUMN
        395,  # FUNCTION_THROW_IF_VALUE_IS_NON_ZERO
        407,  # DECIMAL_OVERFLOW
        436,  # PROTOBUF_BAD_CAST
        438,  # PROTOBUF_FIELD_NOT_REPEATED
        444,  # UNKNOWN_PROTOBUF_FORMAT
        469,  # VIOLATED_CONSTRAINT
        636,  # CANNOT_EXTRACT_TABLE_STRUCTURE
    }
)
_TOO_MANY_PARTS: Final = 252
"""Bad data if one insert touches more than 100 days; if merges lag, it passes."""
_WRONG_PASSWORD: Final = frozenset({193, 194, 516})
_NOT_ALLOWED: Final = frozenset({497})
_TIMEOUT: Final = 159
MEMORY: Final = 241
"""A question took too much, or all that the engine does."""
_PASSING: Final = frozenset({3, 99, 202, 203, 209, 210, 225, 236, 242, 243, 252, 279, 285, 319, 394, 425, 571, 999})
_CODE: Final = re.compile(r"Code: (\d+)")
_VERSION: Final = re.compile(r"\s*\(version [^()]*(?:\([^()]*\))?[^()]*\)")


def code_of(error: Exception) -> int | None:
    """Return ClickHouse's number of an error; None if the engine did not answer at all."""
    code = getattr(error, "code", None)
    if isinstance(code, int):
        return code
    match = _CODE.search(str(error))
    return int(match[1]) if match else None


def text_of(error: Exception, *, secret: str = "") -> str:
    """Return what the engine said, in one line of at most 500 characters, without version and password."""
    text = _VERSION.sub("", " ".join(str(error).split()))
    if secret:
        text = text.replace(secret, "***")
    return text if len(text) <= 500 else f"{text[:400]} ... {text[-90:]}"  # noqa: PLR2004 (the name of the error ends it)


def failure_of_insert(error: Exception, *, where: str, secret: str = "") -> TaskscopeError:
    """
    Return what a failed insert means.

    Only what is known to be the data's fault counts as such: after another error the batch comes again, and nothing is
    lost.
    """
    code, text = code_of(error), text_of(error, secret=secret)
    if code in _BAD_DATA or (code == _TOO_MANY_PARTS and "partitions for single" in text.lower()):
        return MalformedPayloadError(f"the store does not take the data: {text}")
    if isinstance(error, OSError) and error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return UnavailableError(f"there is no room for a batch on its way into the store at {where}: {text}")
    if code is None:
        return UnreachableError(f"the store at {where} does not answer: {text}")
    return UnavailableError(f"the store at {where} did not take a batch: {text}")


def failure_of_query(error: Exception, *, where: str, secret: str = "") -> TaskscopeError:
    """Return what a failed question or statement means."""
    code, text = code_of(error), text_of(error, secret=secret)
    if code is None:
        return UnreachableError(f"the store at {where} does not answer: {text}")
    if code in _WRONG_PASSWORD:
        return CredentialsError(f"the store at {where} does not know this user and password")
    if code in _NOT_ALLOWED:
        return DeniedError(f"the store at {where} does not allow this: {text}")
    if code == _TIMEOUT:
        return TaskscopeError("the query took too long and was stopped", hint="ask for less time or fewer rows")
    if code == MEMORY:
        return TaskscopeError("the query took too much memory and was stopped", hint="ask for less time or fewer rows")
    if code in _PASSING:
        return UnavailableError(f"the store at {where} cannot answer now: {text}")
    return UsageError(text)
