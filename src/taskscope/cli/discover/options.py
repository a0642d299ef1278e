"""Options of ``discover`` that need reading."""

from typing import Any

import click

from taskscope.clock import SECOND
from taskscope.config.times import parse_duration
from taskscope.errors import UsageError
from taskscope.sources.discovery.hosts import given_addresses

_SHORTEST = SECOND
"""AWS allows 20 to 40 calls of a kind in a second, to all of an account's readers together."""


class PauseType(click.ParamType[int]):
    """A pause between two looks: seconds, or a duration such as ``1m``; in nanoseconds."""

    name = "seconds"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Read the text."""
        if isinstance(value, int):
            return value
        try:
            found = parse_duration(f"{value}s" if value.replace(".", "", 1).isdecimal() else value)
        except UsageError as error:
            self.fail(str(error), param, ctx)
        if found < _SHORTEST:
            self.fail("a pause is at least one second", param, ctx)
        return found


def read_addresses(_ctx: click.Context, _param: click.Parameter, pairs: tuple[str, ...]) -> dict[str, str]:
    """Read ``--external-address``."""
    try:
        return given_addresses(pairs)
    except ValueError as error:
        raise click.BadParameter(f"{error} is not of the form mi-0123456789abcdef0=10.0.0.5") from None
