"""The options of `taskscope store` that say which store is asked, and within which bounds."""

import functools
from collections.abc import Callable
from typing import Any, Final, TypeVar

import click

from taskscope.app.store_access import Choice
from taskscope.config.sizes import parse_size
from taskscope.errors import UsageError

_F = TypeVar("_F", bound=Callable[..., Any])


def which_store(command: _F) -> _F:
    """Give a command the options that say which store it asks, and pass them on as ``choice``."""

    @click.option("--server", metavar="URL", help="Server to ask. [TASKSCOPE_SERVER; default: the one that runs]")
    @click.option("--store", metavar="DSN", help="Store to open, where no server is to be asked. [TASKSCOPE_STORE]")
    @click.option("--data-dir", metavar="TEXT", help="Folder of the server. [TASKSCOPE_DATA_DIR]")
    @click.option("--config", metavar="FILE", help="File of settings. [TASKSCOPE_CONFIG; default: taskscope.toml]")
    @click.option("--token-file", metavar="FILE", help="File with the server's token for what is asked.")
    @click.option(
        "--tls-ca", metavar="FILE", envvar="TASKSCOPE_TLS_CA", help="Certificates to trust. [TASKSCOPE_TLS_CA]"
    )
    @functools.wraps(command)
    def with_choice(
        *args: Any,
        server: str | None,
        store: str | None,
        data_dir: str | None,
        config: str | None,
        token_file: str | None,
        tls_ca: str | None,
        **kwargs: Any,
    ) -> Any:
        choice = Choice(server, store, data_dir, config, token_file, tls_ca or "")
        return command(*args, choice=choice, **kwargs)

    return with_choice  # type: ignore[return-value]


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
