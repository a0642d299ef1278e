"""Settings: fields of frozen dataclasses that sit beside what they configure, each with its own documentation."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

KEY: Final = "taskscope.setting"
"""Where a field's metadata holds its ``Setting``."""


@dataclass(frozen=True, slots=True)
class Setting:
    """What is known of a setting beside its name, type and default."""

    help: str
    """One sentence for ``--help`` and the settings page."""
    env: Sequence[str]
    """Names of replaced tools that are honoured, after ``TASKSCOPE_<NAME>``."""
    flag: str | None
    """The option, where it is not the field's name with dashes."""
    parse: Callable[[str], Any] | None
    """Reads the text of a flag, a variable or the file; raises UsageError. None: the field's type tells."""
    secret: bool
    """True where the value is never shown."""


def setting(
    default: Any,
    *,
    help: str,  # noqa: A002 (what every command line calls it)
    env: Sequence[str] = (),
    flag: str | None = None,
    parse: Callable[[str], Any] | None = None,
    secret: bool = False,
) -> Any:
    """Return a dataclass field that is a setting."""
    known = Setting(help=help, env=tuple(env), flag=flag, parse=parse, secret=secret)
    return field(default=default, metadata={KEY: known}, repr=not secret)
