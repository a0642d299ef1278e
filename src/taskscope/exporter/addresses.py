"""Where the exporter listens, of flags and variables that can each say a part of it."""

import re
from typing import Final, NamedTuple

from taskscope import ports
from taskscope.errors import UsageError

EVERYWHERE: Final = "0.0.0.0"  # noqa: S104 (as exporters do: a scraper is on another machine)
_ADDRESS: Final = re.compile(r"(?:\[(?P<v6>[0-9A-Fa-f:.]+)\]|(?P<host>[^:\[\]]*))(?::(?P<port>\d{1,5}))?")
_DIGITS: Final = re.compile(r"[0-9]{1,5}")
_MAX_PORT: Final = 65_535


class Address(NamedTuple):
    """Host and port."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def find_address(listen: str, port: int | None, variable: str) -> Address:
    """
    Return where to listen.

    Args:
        listen: ``HOST``, ``HOST:PORT`` or ``:PORT``; empty where it was not said.
        port: By a flag of its own.
        variable: The value of ``PORT``, which counts where no flag says a port.

    Raises:
        UsageError: One of them is none, or two flags disagree.
    """
    host, of_listen = _split(listen)
    if None not in (port, of_listen) and port != of_listen:
        raise UsageError(f"--port {port} and the port of --listen {listen} are different", hint="one of them is enough")
    for chosen in (port, of_listen):
        if chosen is not None:
            return Address(host, chosen)
    return Address(host, _port(variable, "PORT") if variable else ports.EXPORTER)


def _split(listen: str) -> tuple[str, int | None]:
    if listen.count(":") > 1 and "[" not in listen:  # a bare address of IPv6
        return listen, None
    found = _ADDRESS.fullmatch(listen)
    if found is None:
        raise UsageError(f"--listen {listen!r} is no address", hint="write HOST, HOST:PORT, :PORT or [ADDRESS]:PORT")
    port = found["port"]
    return found["v6"] or found["host"] or EVERYWHERE, None if port is None else _port(port, "--listen")


def _port(text: str, what: str) -> int:
    if not _DIGITS.fullmatch(text) or int(text) > _MAX_PORT:
        raise UsageError(f"{what} {text!r} is no port", hint=f"a number up to {_MAX_PORT}; 0 takes a free one")
    return int(text)
