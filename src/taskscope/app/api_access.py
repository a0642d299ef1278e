"""Whose REST API a command asks: a running server's."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from taskscope.app.config import ServerConfig
from taskscope.app.settings import read_token
from taskscope.client.choice import Choice
from taskscope.client.find import Server, find_server
from taskscope.client.rest import Rest
from taskscope.config.file import find_file
from taskscope.config.layers import load
from taskscope.errors import NotFoundError, UsageError


@contextmanager
def open_api(choice: Choice) -> Iterator[Rest]:
    """
    Give the API of the server that was named, or that runs on the data directory.

    Raises:
        UsageError: A setting is wrong.
        NotFoundError: No server runs.
    """
    if choice.server and choice.store:
        raise UsageError("--server and --store: a command asks one of them")
    config = settings(choice)
    server = None if choice.store else find_server(choice.server, config.folder)
    if server is None:
        raise NotFoundError(f"no server runs on {config.folder}", hint="`taskscope serve` starts one")
    yield rest(server, config, choice)


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
