"""Whose REST API a command asks: a running server's, else that of a store which the command opens itself."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from taskscope.app.settings.config import ServerConfig
from taskscope.app.settings.in_force import read_token
from taskscope.client.choice import Choice
from taskscope.client.find import Server, find_server
from taskscope.client.rest import Rest
from taskscope.config.file import find_file
from taskscope.config.layers import load
from taskscope.errors import MissingExtraError, UsageError


@contextmanager
def open_api(choice: Choice, *, writes: bool = False) -> Iterator[Rest]:
    """
    Give the API of the server that was named or runs on the data directory, else one for the store that lies there.

    What ``writes`` asks with the senders' token, and makes a store where there is none.

    Raises:
        UsageError: A setting is wrong.
        NotFoundError: There is no store.
        UnavailableError: The server does not answer, or another process has the store open.
    """
    config, server = find(choice)
    if server is not None:
        yield rest(server, config, choice, writes=writes)
        return
    try:
        from taskscope.app.api.local import serve_local  # noqa: PLC0415 (the engine, where no server is asked)
    except ModuleNotFoundError as error:
        raise without_engine(config, error) from None
    with serve_local(config, makes=writes) as local:
        yield local


def running_api(choice: Choice) -> Rest | None:
    """
    Return the API of the server that was named or runs on the data directory; None where there is none.

    Raises:
        UsageError: A setting is wrong.
    """
    config = settings(choice)
    server = find_server(choice.server, config.folder)
    return None if server is None else rest(server, config, choice)


def find(choice: Choice) -> tuple[ServerConfig, Server | None]:
    """
    Return the settings, and the server that was named or runs on the data directory; None where a store is asked.

    Raises:
        UsageError: A setting is wrong, or both are named.
    """
    if choice.server and choice.store:
        raise UsageError("--server and --store: a command asks one of them")
    config = settings(choice)
    return config, None if choice.store else find_server(choice.server, config.folder)


def without_engine(config: ServerConfig, error: ModuleNotFoundError) -> MissingExtraError:
    """Say that a store cannot be opened here."""
    return MissingExtraError(
        f"no server runs on {config.folder}, and opening a store needs the package {error.name}",
        hint="name a server with --server, or: uv tool install 'taskscope[server]'",
    )


def settings(choice: Choice) -> ServerConfig:
    """Return the server's settings, as far as they say which one it is."""
    flags = {name: value for name, value in (("store", choice.store), ("data_dir", choice.data_dir)) if value}
    return load(ServerConfig, flags=flags, environ=os.environ, file=find_file(choice.config, os.environ)).value


def rest(server: Server, config: ServerConfig, choice: Choice, *, writes: bool = False) -> Rest:
    """Return a client for a server, with the readers' token, or the senders' for what ``writes``."""
    if choice.token_file:
        token = read_token("", choice.token_file)
    elif writes:
        token = read_token(config.write_token, config.write_token_file)
    else:
        token = read_token(config.read_token, config.read_token_file)
    pinned = bool(server.certificate and not choice.ca)
    return Rest(server.url, token, ca=choice.ca or server.certificate, pinned=pinned)
