"""Settings of the StatsD receiver."""

import re
from dataclasses import dataclass
from typing import Final

from taskscope.config.setting import setting
from taskscope.errors import UsageError

_MODE: Final = re.compile(r"0?[0-7]{3}")
_LONGEST_PATH: Final = 107
"""Linux: ``sun_path`` has 108 bytes, the last one is zero."""


@dataclass(frozen=True)
class StatsdConfig:
    """What of the StatsD receiver can be set; its port and the addresses that may send are the program's."""

    receive_buffer_bytes: int = setting(
        8 << 20, help="Receive buffer that the kernel is asked for; it grants less unless net.core.rmem_max allows it."
    )
    socket_path: str = setting(
        "",
        help="Unix datagram socket to receive from as well, for apps that share a volume with the collector.",
        env=("DD_DOGSTATSD_SOCKET",),
    )
    socket_mode: str = setting("0666", help="Permissions of the socket's file, in octal.")

    def validate(self) -> None:
        """
        Check the settings.

        Raises:
            UsageError: A value cannot be right; the text names it.
        """
        if self.receive_buffer_bytes < 1:
            raise UsageError(f"receive_buffer_bytes {self.receive_buffer_bytes}: the kernel needs at least 1 byte")
        if len(self.socket_path.encode()) > _LONGEST_PATH:
            raise UsageError(f"socket_path {self.socket_path!r} is longer than the {_LONGEST_PATH} bytes of a socket")
        if not _MODE.fullmatch(self.socket_mode):
            raise UsageError(f"socket_mode {self.socket_mode!r} is no mode of a file", hint="write it as 0666 or 0660")
