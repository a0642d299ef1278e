"""The engine's errors are told apart: bad data, bad question, trouble that may pass."""

import errno

import pytest

from taskscope.errors import (
    CredentialsError,
    DeniedError,
    MalformedPayloadError,
    TaskscopeError,
    UnavailableError,
    UnreachableError,
    UsageError,
)
from taskscope.store.failures import failure_of_insert, failure_of_query


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Code: 32. DB::Exception: Attempt to read after eof. (ATTEMPT_TO_READ_AFTER_EOF)", MalformedPayloadError),
        (
            "Code: 252. DB::Exception: Too many partitions for single INSERT block (more than 100)",
            MalformedPayloadError,
        ),
        (
            "Code: 252. DB::Exception: Too many parts (3001). Merges are processing significantly slower",
            UnavailableError,
        ),
        ("Code: 243. DB::Exception: Cannot reserve 1.00 MiB, not enough space", UnavailableError),
        ("Code: 60. DB::Exception: Table otel.spans does not exist", UnavailableError),
        ("Connection refused", UnreachableError),
    ],
)
def test_insert(text: str, kind: type[TaskscopeError]) -> None:
    """Only what is surely the data's fault is; after anything else the batch comes again."""
    assert type(failure_of_insert(RuntimeError(text), where="http://db")) is kind


def test_no_room_for_a_batch_on_its_way() -> None:
    """A full disk under the files that inserts pass through is told as that, and passes."""
    failure = failure_of_insert(OSError(errno.ENOSPC, "No space left on device"), where="chdb:///x")

    assert type(failure) is UnavailableError
    assert "no room" in failure.message


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (516, CredentialsError), (497, DeniedError), (202, UnavailableError), (60, UsageError), (159, TaskscopeError),
    ],
)  # fmt: skip
def test_query(code: int, kind: type[TaskscopeError]) -> None:
    """A question fails by who asks, by what is asked, or by the store."""
    assert type(failure_of_query(RuntimeError(f"Code: {code}. DB::Exception: x"), where="db")) is kind


def test_messages_are_one_line_without_password_and_version() -> None:
    """What the engine says is cut to a line that may be shown."""
    error = RuntimeError("Code: 62. DB::Exception: no\n\nhunter2 " + "x" * 900 + " (SYNTAX_ERROR) (version 26.9.2.1)")
    text = str(failure_of_query(error, where="db", secret="hunter2"))

    assert "\n" not in text
    assert "hunter2" not in text
    assert len(text) <= 500
    assert text.endswith("(SYNTAX_ERROR)")
