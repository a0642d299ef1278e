"""Which store a command asks: a running server's, else one that the command opens itself."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from taskscope.api.admin import StoreAdmin
from taskscope.app.config import ServerConfig
from taskscope.app.settings import read_token
from taskscope.client.find import Server, find_server
from taskscope.client.rest import Rest
from taskscope.client.store import RemoteStore
from taskscope.config.file import find_file
from taskscope.config.layers import load
from taskscope.errors import MissingExtraError, UsageError


@dataclass(frozen=True, slots=True)
class Choice:
    """What the user said about which store it is."""

    server: str | None = None
    store: str | None = None
    data_dir: str | None = None
    config: str | None = None
    token_file: str | None = None
    ca: str = ""


@contextmanager
def open_admin(choice: Choice, *, writes: bool = False, makes: bool = False) -> Iterator[StoreAdmin]:
    """
    Give what answers for the store; ``writes`` asks with the senders' token, ``makes`` a store where there is none.

    Raises:
        UsageError: A setting is wrong.
        NotFoundError: There is no store.
        UnavailableError: The server does not answer, or another process has the store open.
    """
    if choice.server and choice.store:
        raise UsageError("--server and --store: a command asks one of them")
    config = _settings(choice)
    server = None if choice.store else find_server(choice.server, config.folder)
    if server is not None:
        yield RemoteStore(_rest(server, config, choice, writes=writes))
        return
    try:
        from taskscope.app.local_store import open_local  # noqa: PLC0415 (the engine, where no server is asked)
    except ModuleNotFoundError as error:
        raise MissingExtraError(
            f"no server runs on {config.folder}, and opening a store needs the package {error.name}",
            hint="name a server with --server, or: uv tool install 'taskscope[server]'",
        ) from None
    with open_local(config, makes=makes) as admin:
        yield admin


def _settings(choice: Choice) -> ServerConfig:
    flags = {name: value for name, value in (("store", choice.store), ("data_dir", choice.data_dir)) if value}
    return load(ServerConfig, flags=flags, environ=os.environ, file=find_file(choice.config, os.environ)).value


def _rest(server: Server, config: ServerConfig, choice: Choice, *, writes: bool) -> Rest:
    if choice.token_file:
        token = read_token("", choice.token_file)
    elif writes:
        token = read_token(config.write_token, config.write_token_file)
    else:
        token = read_token(config.read_token, config.read_token_file)
    pinned = bool(server.certificate and not choice.ca)
    return Rest(server.url, token, ca=choice.ca or server.certificate, pinned=pinned)
