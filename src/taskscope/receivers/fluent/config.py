"""Settings of the Fluent forward receiver."""

from dataclasses import dataclass
from typing import Final

from taskscope.config.setting import setting
from taskscope.errors import UsageError

_POSITIVE: Final = (
    "max_message_bytes", "max_connections", "max_held_bytes",
    "message_seconds", "idle_seconds", "retry_seconds", "grace_seconds",
)  # fmt: skip


@dataclass(frozen=True)
class FluentConfig:
    """What of the Fluent receiver can be set; its port and the addresses that may send are the program's."""

    shared_key: str = setting("", help="Shared key that senders must prove to know; empty asks for none.", secret=True)
    server_name: str = setting(
        "taskscope", help="Name told in the handshake; a Fluentd sender refuses one that equals its own host name."
    )
    max_message_bytes: int = setting(32 << 20, help="Largest message; a connection that sends more is closed.")
    max_connections: int = setting(1024, help="Connections at once; more are closed as they come.")
    max_held_bytes: int = setting(
        128 << 20, help="Bytes in memory that are not yet in the spool, of all connections; more closes the sender's."
    )
    message_seconds: float = setting(60.0, help="How long a message may take from its first byte to its last.")
    idle_seconds: float = setting(3600.0, help="How long a connection may be silent between two messages.")
    retry_seconds: float = setting(1.0, help="Pause before the next try when the spool is full.")
    grace_seconds: float = setting(5.0, help="How long messages under way may take when the receiver stops.")

    def validate(self) -> None:
        """
        Check the settings.

        Raises:
            UsageError: A value cannot be right; the text names it.
        """
        for name in _POSITIVE:
            if not (value := getattr(self, name)) > 0:
                raise UsageError(f"{name} {value}: it must be more than 0")
        if self.max_held_bytes < self.max_message_bytes:
            raise UsageError(
                f"max_held_bytes {self.max_held_bytes} is less than one message of {self.max_message_bytes} bytes",
                hint="raise max_held_bytes, or lower max_message_bytes",
            )
