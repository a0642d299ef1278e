"""Options of a command made from a class of settings."""

import functools
from collections.abc import Callable
from typing import Any, Final, TypeVar, get_origin

import click

from taskscope.config.options import Option, options_of
from taskscope.config.values import plain_type, type_name, write_value

_F = TypeVar("_F", bound=Callable[..., Any])

_METAVARS: Final = {
    "text": "TEXT", "whole number": "INTEGER", "number": "NUMBER", "path": "PATH", "size": "SIZE",
    "duration": "DURATION", "list": "LIST", "value": "VALUE",
}  # fmt: skip


def setting_options(kind: type, section: str = "") -> Callable[[_F], _F]:
    """
    Give a command an option for each setting of a class, secrets left out.

    Those that the user gave are passed on as ``flags``, as text under their full names, for ``config.layers.load``;
    decorators of several classes fill the same ``flags``.
    """
    options = [each for each in options_of(kind, section) if each.flag]

    def decorate(command: _F) -> _F:
        @functools.wraps(command)
        def with_flags(*args: Any, **kwargs: Any) -> Any:
            flags = kwargs.pop("flags", {})
            given = {each.name: kwargs.pop(_parameter(each)) for each in options}
            flags |= {name: value for name, value in given.items() if value not in (None, ())}
            return command(*args, flags=flags, **kwargs)

        # A decorator that is called first is shown last.
        return functools.reduce(lambda made, each: _click_option(each)(made), reversed(options), with_flags)  # type: ignore[return-value]

    return decorate


def _parameter(option: Option) -> str:
    """Return the name of click's parameter, which has no dots; unlike a field's name it is in no other decorator."""
    return f"setting_{option.name}".replace(".", "_")


def _click_option(option: Option) -> Callable[[_F], _F]:
    """Return click's option; its value is text, or None: the layers read and check it, wherever it comes from."""
    plain = plain_type(option.kind)
    names = [_parameter(option), f"{option.flag}/--no-{option.flag[2:]}" if plain is bool else option.flag]
    if plain is bool:
        return click.option(*names, default=None, help=_help(option))
    many = get_origin(plain) is tuple
    metavar = _METAVARS[type_name(option.kind, name=option.field)]
    return click.option(*names, multiple=many, metavar=metavar, help=_help(option))


def _help(option: Option) -> str:
    default = write_value(option.default, name=option.field)
    known = [", ".join(option.env), *([f"default: {default}"] if default not in {"", "none"} else [])]
    return f"{option.help} [{'; '.join(known)}]"
