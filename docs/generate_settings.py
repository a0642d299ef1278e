"""
Writes docs/settings.md, the reference of all settings, from their classes. Run it with ``make reference``.

``tests/docs/test_settings_reference.py`` fails where the file is not what this module makes.
"""  # noqa: INP001 (a script beside the pages that it writes, no package)

import inspect
import sys
from collections.abc import Iterable, Iterator, Sequence
from importlib import import_module
from pathlib import Path
from typing import Final, TypeAlias

from taskscope.config.options import Option, options_of
from taskscope.config.values import type_name, write_value

PAGE: Final = Path(__file__).with_name("settings.md")

Named: TypeAlias = Sequence[tuple[str, type | str]]
"""
Classes of settings, or their names as ``module:Class``, by the section of the file, or by the sink of ``--to``.
"""

_HEAD: Final = """\
# Settings

<!-- Written by docs/generate_settings.py: change the classes, then run `make reference`. -->

A flag wins over a variable, a variable over the file, the file over the default. `taskscope config show` prints what is
in force and where it came from. A variable that is empty counts as not set. Secrets have no flag, as every user of a
machine can read its command lines.

The file is the one that `--config` or `TASKSCOPE_CONFIG` names, else the first of `./taskscope.toml`,
`$XDG_CONFIG_HOME/taskscope/taskscope.toml` (`~/.config/taskscope/taskscope.toml`) and
`/etc/taskscope/taskscope.toml`. A key that is no setting is refused.

Sizes are written `16MiB` (of 1,024), `64kB` (of 1,000) or in bytes; durations `90s`, `1m30s`, `200ms` or in seconds;
lists with commas in flags and variables, and as lists in the file.
"""


def _class(kind: type | str) -> type:
    if isinstance(kind, type):
        return kind
    module, _, name = kind.partition(":")
    found: type = getattr(import_module(module), name)
    return found


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _code(text: str) -> str:
    return f"`{_cell(text)}`" if text else ""


def _row(option: Option, *, flags: bool) -> str:
    default = "" if option.secret else write_value(option.default, name=option.field)
    cells = [
        _code(option.field),
        *([_code(option.flag)] if flags else []),
        ", ".join(_code(each) for each in option.env),
        type_name(option.kind, name=option.field),
        _code("" if default == "none" else default),
        _cell(option.help),
    ]
    return f"| {' | '.join(cells)} |"


def _section(name: str, kind: type) -> Iterator[str]:
    """Yield the lines of a section; only settings of the whole server are flags of a command."""
    yield from (f"## `[{name}]`" if name else "## Server", "", inspect.getdoc(kind) or "", "")
    flags = "" if name else " Flag |"
    yield from (f"| Key |{flags} Variable | Type | Default | Meaning |", f"|---|{flags and '---|'}---|---|---|---|")
    yield from (_row(each, flags=not name) for each in options_of(kind, name))
    yield ""


def _target(name: str, kind: type) -> Iterator[str]:
    """Yield the lines of a sink, whose options stand in the value of ``--to``."""
    yield from (f"## `--to {name}`", "", inspect.getdoc(kind) or "", "")
    yield from ("| Option | Type | Default | Meaning |", "|---|---|---|---|")
    for each in options_of(kind):
        default = "" if each.secret else write_value(each.default, name=each.field)
        option, words = _code(each.field.replace("_", "-")), type_name(each.kind, name=each.field)
        yield f"| {option} | {words} | {_code(default)} | {_cell(each.help)} |"
    yield ""


def page(settings: Named, targets: Named) -> str:
    """Return the whole page."""
    lines: list[str] = [_HEAD]
    for name, kind in settings:
        lines += _section(name, _class(kind))
    for name, kind in targets:
        lines += _target(name, _class(kind))
    return "\n".join(lines).rstrip("\n") + "\n"


def all_options(settings: Named) -> list[Option]:
    """Return the settings of all sections."""
    found: Iterable[tuple[Option, ...]] = (options_of(_class(kind), name) for name, kind in settings)
    return [option for options in found for option in options]


def main() -> None:
    """Write the page; with ``--check`` say by the exit code whether it is up to date."""
    components = import_module("taskscope.app.components")
    made = page(components.SETTINGS, components.TARGETS)
    if sys.argv[1:] == ["--check"]:
        sys.exit(0 if PAGE.exists() and PAGE.read_text(encoding="utf-8") == made else 1)
    PAGE.write_text(made, encoding="utf-8")


if __name__ == "__main__":
    main()
