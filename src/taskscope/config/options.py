"""What a class of settings offers: each setting with its flag, its variables and its key in the file."""

import difflib
from collections.abc import Callable, Collection, Iterable
from dataclasses import MISSING, dataclass, fields
from typing import Any, get_type_hints

from taskscope.config.setting import KEY, Setting


@dataclass(frozen=True, slots=True)
class Option:
    """One setting, under the names that people use for it."""

    section: str
    """Table of the file, such as ``otlp`` or ``sink.xray``; empty for the settings of the whole server."""
    field: str
    """Name of the field, and key in the table."""
    kind: Any
    """Type of the field."""
    default: Any
    flag: str
    """Such as ``--xray-port``; empty for a secret: every user of a machine can read its command lines."""
    env: tuple[str, ...]
    """Variables, the strongest first."""
    setting: Setting

    @property
    def name(self) -> str:
        """The full name, ``otlp.max_body_bytes``; without a section the field's alone."""
        return f"{self.section}.{self.field}" if self.section else self.field

    @property
    def help(self) -> str:
        """One sentence."""
        return self.setting.help

    @property
    def secret(self) -> bool:
        """Whether the value is never shown."""
        return self.setting.secret

    @property
    def parse(self) -> Callable[[str], Any] | None:
        """Reads the text, where the type does not tell how."""
        return self.setting.parse


def options_of(kind: type, section: str = "") -> tuple[Option, ...]:
    """
    Return the settings of a class in the order of its fields; fields that are no settings are left out.

    ``xray_port`` without a section is ``--xray-port`` and ``TASKSCOPE_XRAY_PORT``; ``max_body_bytes`` of the section
    ``otlp`` is ``--otlp-max-body-bytes`` and ``TASKSCOPE_OTLP_MAX_BODY_BYTES``.
    """
    hints = get_type_hints(kind)
    return tuple(
        _option(each.name, section, each.metadata[KEY], hints[each.name], _default(each))
        for each in fields(kind)
        if KEY in each.metadata
    )


def _default(field: Any) -> Any:
    return field.default if field.default_factory is MISSING else field.default_factory()


def _option(field: str, section: str, setting: Setting, kind: Any, default: Any) -> Option:
    words = [*section.replace("-", "_").split("."), field] if section else [field]
    flag = "--" + (setting.flag or "-".join(words).replace("_", "-")).removeprefix("--")
    variable = "_".join(["TASKSCOPE", *words]).upper()
    return Option(section, field, kind, default, "" if setting.secret else flag, (variable, *setting.env), setting)


def clashes(options: Iterable[Option]) -> list[str]:
    """Return the flags and variables that two settings claim; two classes may have the same setting."""
    owners: dict[str, str] = {}
    twice: list[str] = []
    for each in options:
        names = [*([each.flag] if each.flag else []), *each.env]
        twice += [name for name in names if owners.setdefault(name, each.name) != each.name]
    return twice


def unknown_variables(environ: Iterable[str], known: Collection[str]) -> list[str]:
    """
    Return a line for each variable that begins with ``TASKSCOPE_`` and that nothing reads: perhaps it is misspelt.

    That is no error: a newer or older Taskscope may know it.
    """
    lines: list[str] = []
    for name in sorted(environ):
        if name.startswith("TASKSCOPE_") and name not in known:
            near = difflib.get_close_matches(name, sorted(known), n=1, cutoff=0.8)
            lines.append(f"{name} is no setting{f' (did you mean {near[0]}?)' if near else ''}")
    return lines
