"""The file of settings, ``taskscope.toml``: where it is looked for, what it holds, and on which line."""

import difflib
import tomllib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from taskscope.config.options import Option
from taskscope.errors import UsageError

NAME: Final = "taskscope.toml"
VARIABLE: Final = "TASKSCOPE_CONFIG"
"""Names the file, where ``--config`` does not."""


@dataclass(frozen=True, slots=True)
class SettingsFile:
    """What a file holds; without one, nothing."""

    path: Path | None = None
    content: Mapping[str, Any] = field(default_factory=dict)
    lines: Mapping[str, int] = field(default_factory=dict)
    """Line of each key by its full name, such as ``otlp.max_body_bytes``."""

    def section(self, name: str) -> Mapping[str, Any]:
        """
        Return a table by its name, such as ``otlp`` or ``sink.xray``; the empty name is the whole file.

        Raises:
            UsageError: There is a value where the table should be.
        """
        found: Any = self.content
        for part in name.split(".") if name else ():
            found = found.get(part, {})
            if not isinstance(found, dict):
                raise UsageError(f"{self.place(name)}: {name} is a table: write [{name}]")
        table: Mapping[str, Any] = found
        return table

    def place(self, name: str) -> str:
        """Return path and line of a key; of a key inside a value, those of the value."""
        while name and name not in self.lines:
            name = name.rpartition(".")[0]
        return f"{self.path}:{self.lines[name]}" if name else str(self.path)

    def check_keys(self, options: Collection[Option], *, tables: Collection[str] = ()) -> None:
        """
        Refuse keys that are no settings; ``tables`` names keys that something else reads.

        Raises:
            UsageError: Names the key, its place and what it may have been meant for.
        """
        known = {each.name for each in options}
        meant = sorted(known | {each.section for each in options} | set(tables))
        for name in self._unknown(self.content, "", known, frozenset(tables)):
            near = difflib.get_close_matches(name, meant)
            hint = f"did you mean {' or '.join(near)}?" if near else "`taskscope config show` lists all settings"
            raise UsageError(f"{self.place(name)}: there is no setting {name!r}", hint=hint)

    def _unknown(
        self, table: Mapping[str, Any], prefix: str, known: Collection[str], others: Collection[str]
    ) -> Iterator[str]:
        """Yield the keys that are neither settings nor on the way to one."""
        for key, value in table.items():
            name = prefix + key
            if name in known or name in others:
                continue
            if isinstance(value, dict) and any(each.startswith(f"{name}.") for each in (*known, *others)):
                yield from self._unknown(value, f"{name}.", known, others)
            else:
                yield name


def find_file(named: str | None, environ: Mapping[str, str], *, system: Path = Path("/etc")) -> SettingsFile:
    """
    Read the file: the one that ``--config`` or ``TASKSCOPE_CONFIG`` names, else the first that is there.

    Looked for in the working directory, in ``$XDG_CONFIG_HOME/taskscope`` (``~/.config/taskscope``) and in
    ``/etc/taskscope``.

    Raises:
        UsageError: A file that is named is not there, or a file cannot be read.
    """
    if asked := named or environ.get(VARIABLE):
        return read_file(Path(asked), named_by="--config" if named else VARIABLE)
    home = environ.get("XDG_CONFIG_HOME") or str(Path(environ.get("HOME") or "~").expanduser() / ".config")
    for folder in (Path(), Path(home) / "taskscope", system / "taskscope"):
        if (folder / NAME).is_file():
            return read_file(folder / NAME)
    return SettingsFile()


def read_file(path: Path, *, named_by: str = "") -> SettingsFile:
    """
    Read a file of settings; ``named_by`` is the flag or variable that an error names.

    Raises:
        UsageError: It cannot be read, or is no TOML.
    """
    said = f"{named_by} {path}" if named_by else str(path)
    try:
        text = path.read_text(encoding="utf-8")
        content = tomllib.loads(text)
    except OSError as error:
        raise UsageError(f"{said}: {error.strerror}") from None
    except ValueError as error:  # tomllib's, and that of bytes that are no UTF-8
        raise UsageError(f"{said} is no TOML: {error}") from None
    return SettingsFile(path, content, _lines(text))


def _lines(text: str) -> dict[str, int]:
    """
    Return the line of each key.

    ``tomllib`` does not tell lines. But each statement of TOML is a document of its own, so lines are gathered until
    they read as one.
    """
    found: dict[str, int] = {}
    table, gathered, start = "", "", 1
    for number, line in enumerate(text.splitlines(keepends=True), start=1):
        gathered += line
        try:
            statement = tomllib.loads(gathered)
        except tomllib.TOMLDecodeError:
            continue
        names = list(_names(statement))
        if gathered.lstrip().startswith("["):
            table = names[-1] + "."
            found.setdefault(names[-1], start)
        else:
            found.update((table + each, start) for each in names)
        gathered, start = "", number + 1
    return found


def _names(table: Mapping[str, Any], prefix: str = "") -> Iterator[str]:
    """Yield the full names of keys, those of tables before those in them."""
    for key, value in table.items():
        yield prefix + key
        inner = value[0] if isinstance(value, list) and value else value
        if isinstance(inner, dict):
            yield from _names(inner, f"{prefix}{key}.")
