"""
What can go wrong, as a tree; the type says the exit code and whether a retry can help.

::

    TaskscopeError                exit 1   anything else that has a known cause
    +-- UsageError                exit 2   the command line, a setting or an input file is wrong
    |   +-- AmbiguousError                 a short name fits more than one thing
    |   +-- MissingExtraError              the command needs an extra that is not installed
    +-- NotFoundError             exit 3   AWS does not know it (any more)
    +-- AccessError               exit 4   who we are, or what we may do
    |   +-- CredentialsError               missing, expired or wrong credentials; no region
    |   +-- DeniedError                    a permission is missing
    +-- MalformedPayloadError              bytes do not read as their protocol says
    +-- UnavailableError          exit 5   a retry may help
        +-- ThrottledError                 AWS asks to slow down
        +-- UnreachableError               nothing answers at the endpoint
        +-- SpoolFullError                 the spool takes no more for now

An interrupted command (Ctrl-C) ends with 130.
"""

from typing import ClassVar, Final

INTERRUPTED: Final = 130
"""Exit code after Ctrl-C: 128 + SIGINT."""


class TaskscopeError(Exception):
    """What failed and why, in one line; ``hint`` says what to do next."""

    exit_code: ClassVar[int] = 1

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} ({self.hint})" if self.hint else self.message


class UsageError(TaskscopeError):
    """The command line, a setting or an input file is wrong."""

    exit_code = 2


class AmbiguousError(UsageError):
    """A short name fits more than one thing."""


class MissingExtraError(UsageError):
    """The command needs an extra that is not installed."""


class NotFoundError(TaskscopeError):
    """AWS does not know it, or does not know it any more."""

    exit_code = 3


class AccessError(TaskscopeError):
    """Who we are, or what we may do."""

    exit_code = 4


class CredentialsError(AccessError):
    """Credentials or region are missing, expired or wrong."""


class DeniedError(AccessError):
    """A permission is missing; the message names the IAM action."""


class MalformedPayloadError(TaskscopeError):
    """Bytes do not read as their protocol says; a retry cannot help."""


class UnavailableError(TaskscopeError):
    """A retry may help."""

    exit_code = 5


class ThrottledError(UnavailableError):
    """AWS asks to slow down, and retries did not get through."""


class UnreachableError(UnavailableError):
    """Nothing answers at the endpoint."""


class SpoolFullError(UnavailableError):
    """The spool, or the disk under it, takes no more for now; nothing of what was offered was kept."""
