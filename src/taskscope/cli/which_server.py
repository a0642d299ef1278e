"""The options that say which server, or which store, a command asks."""

import functools
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from importlib import import_module
from typing import Any, Final, TypeVar

import click

from taskscope.client.choice import Choice
from taskscope.client.find import may_find_server
from taskscope.client.rest import Rest

_F = TypeVar("_F", bound=Callable[..., Any])
_ACCESS: Final = "taskscope.app.api.access"
"""Named as text: it opens a store itself where no server runs, and loads the engine for that only."""


def which_server(command: _F) -> _F:
    """Give a command the options that say whom it asks, and pass them on as ``choice``."""

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


def running(choice: Choice) -> Rest | None:
    """
    Return the API of a server that runs; None where none does.

    Raises:
        UsageError: A setting is wrong.
    """
    if choice == Choice() and not may_find_server():
        return None
    find: Callable[[Choice], Rest | None] = import_module(_ACCESS).running_api
    return find(choice)


@contextmanager
def asking(choice: Choice, *, writes: bool = False) -> Iterator[Rest]:
    """
    Give the server's REST API; where none runs, that of a server of this process for the store that is there.

    What ``writes`` asks with the senders' token, and makes a store where there is none.

    Raises:
        NotFoundError: There is neither.
        UnavailableError: The server does not answer, or another process has the store open.
    """
    open_api: Callable[..., AbstractContextManager[Rest]] = import_module(_ACCESS).open_api
    with open_api(choice, writes=writes) as rest:
        yield rest
