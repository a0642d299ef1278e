"""Which store a command asks: a running server's, else one that the command opens itself."""

from collections.abc import Iterator
from contextlib import contextmanager

from taskscope.api.admin import StoreAdmin
from taskscope.app.api.access import find, rest, without_engine
from taskscope.client.choice import Choice
from taskscope.client.store import RemoteStore


@contextmanager
def open_admin(choice: Choice, *, writes: bool = False, makes: bool = False) -> Iterator[StoreAdmin]:
    """
    Give what answers for the store; ``writes`` asks with the senders' token, ``makes`` a store where there is none.

    Raises:
        UsageError: A setting is wrong.
        NotFoundError: There is no store.
        UnavailableError: The server does not answer, or another process has the store open.
    """
    config, server = find(choice)
    if server is not None:
        yield RemoteStore(rest(server, config, choice, writes=writes))
        return
    try:
        from taskscope.app.store.local import open_local  # noqa: PLC0415 (the engine, where no server is asked)
    except ModuleNotFoundError as error:
        raise without_engine(config, error) from None
    with open_local(config, makes=makes) as admin:
        yield admin
