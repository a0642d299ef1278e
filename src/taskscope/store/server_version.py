"""Which ClickHouse servers can be a store."""

import re
from typing import Any, Final, Protocol, TypeVar

from taskscope.errors import TaskscopeError

LEAST: Final = (25, 9)
"""
The first with ``firstNonDefault``, which the rules are made of: by ``introduced_in`` of ``system.functions`` the
youngest function in our statements. Tests run against 26.7.
"""
_VERSION: Final = re.compile(r"(\d+)\.(\d+)\b")


class Server(Protocol):
    """A client that is connected."""

    @property
    def server_version(self) -> Any:
        """Return the server's version, such as ``26.7.3.21``."""

    def close(self) -> None:
        """Disconnect."""


_Connected = TypeVar("_Connected", bound=Server)


def young_enough(server: _Connected, where: str) -> _Connected:
    """
    Return a server that knows our statements, or does not say its version in numbers.

    Raises:
        TaskscopeError: It is older than ``LEAST``; it is disconnected then.
    """
    version = str(server.server_version)
    match = _VERSION.match(version)
    if match and (int(match[1]), int(match[2])) < LEAST:
        server.close()
        least = ".".join(map(str, LEAST))
        raise TaskscopeError(
            f"the store {where} is ClickHouse {version}, and Taskscope needs {least} or newer",
            hint="upgrade the server, or use the embedded store: --store chdb:///folder",
        )
    return server
