"""The settings in force, each with its value and where it came from; secrets are masked."""

from collections.abc import Iterable, Iterator
from typing import Any, Final, NamedTuple

from taskscope.config.layers import Loaded
from taskscope.config.options import Option, options_of
from taskscope.config.values import MASK, hide_secrets, write_value

COLUMNS: Final = ("SETTING", "VALUE", "FROM")


class Row(NamedTuple):
    """One setting."""

    setting: str
    """Full name, as in the file: ``otlp.max_body_bytes``."""
    value: str
    """As it can be written again; a secret that is set is masked."""
    origin: str
    """The flag, the variable, path and line in the file, or ``default``."""


def rows(loaded: Iterable[Loaded[Any]]) -> Iterator[Row]:
    """Yield the settings, in order of classes and fields."""
    for each in loaded:
        for option in options_of(type(each.value), each.section):
            yield Row(option.name, _shown(option, each.value), str(each.origins[option.field]))


def _shown(option: Option, settings: object) -> str:
    value = getattr(settings, option.field)
    if option.secret:
        return MASK if value else ""
    return hide_secrets(write_value(value, name=option.field))


def documents(loaded: Iterable[Loaded[Any]]) -> list[dict[str, str]]:
    """Return the rows for ``--output json``: ``setting``, ``value`` (as text) and ``from``."""
    return [{"setting": each.setting, "value": each.value, "from": each.origin} for each in rows(loaded)]
