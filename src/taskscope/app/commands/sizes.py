"""Options of `taskscope store` that bound a question."""

from typing import Any, Final

import click

from taskscope.config.sizes import parse_size
from taskscope.errors import UsageError


class SizeType(click.ParamType[int]):
    """A size such as ``1GiB``, in bytes."""

    name = "size"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Read the text."""
        if isinstance(value, int):
            return value
        try:
            return parse_size(value)
        except UsageError as error:
            self.fail(str(error), param, ctx)


SIZE: Final = SizeType()
