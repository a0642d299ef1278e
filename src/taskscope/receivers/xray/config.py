"""Settings of the X-Ray receiver."""

from dataclasses import dataclass
from typing import Final

from taskscope.config.setting import setting
from taskscope.errors import UsageError

_POSITIVE: Final = (
    "receive_buffer_bytes", "max_body_bytes", "max_held_bytes", "max_connections", "request_seconds", "idle_seconds",
    "grace_seconds", "retry_seconds",
)  # fmt: skip


@dataclass(frozen=True)
class XrayConfig:
    """What of the X-Ray receiver can be set; its port, the addresses that may send and the rules are the program's."""

    receive_buffer_bytes: int = setting(
        8 << 20,
        help="UDP receive buffer that the kernel is asked for; it grants less unless net.core.rmem_max allows it.",
    )
    default_rate: float = setting(
        0.05, help="Share of requests that SDKs sample beyond the reservoir, where no sampling rule says otherwise."
    )
    default_reservoir: int = setting(
        1, help="Requests a second that SDKs sample in any case, all together, where no sampling rule says otherwise."
    )
    rules_cache_seconds: float = setting(
        60.0, help="How long sampling rules that are fetched from AWS are answered before they are fetched again."
    )
    # PutTraceSegments brings 50 documents of 64 kB at most.
    max_body_bytes: int = setting(4 << 20, help="Largest body of a request over TCP.")
    max_held_bytes: int = setting(
        32 << 20, help="Bytes of TCP requests under way in memory; more is answered to come again later."
    )
    max_connections: int = setting(256, help="TCP connections at once; more are closed as they come.")
    request_seconds: float = setting(10.0, help="How long a TCP request may take to arrive; then it is disconnected.")
    idle_seconds: float = setting(75.0, help="How long a TCP connection may be silent between two requests.")
    grace_seconds: float = setting(5.0, help="How long requests under way may take when the receiver stops.")
    retry_seconds: float = setting(2.0, help="Delay that a refused sender is asked to keep before it comes again.")

    def validate(self) -> None:
        """
        Check the settings.

        Raises:
            UsageError: A value cannot be right; the text names it.
        """
        for name in _POSITIVE:
            if not (value := getattr(self, name)) > 0:
                raise UsageError(f"{name} {value}: it must be more than 0")
        if not 0 <= self.default_rate <= 1:
            raise UsageError(f"default_rate {self.default_rate}: it must be between 0 and 1")
        for name in ("default_reservoir", "rules_cache_seconds"):
            if not (value := getattr(self, name)) >= 0:
                raise UsageError(f"{name} {value}: it cannot be less than 0")
        if self.max_held_bytes < self.max_body_bytes:
            raise UsageError(
                f"max_held_bytes {self.max_held_bytes} is less than one request of {self.max_body_bytes} bytes",
                hint="raise max_held_bytes, or lower max_body_bytes",
            )
