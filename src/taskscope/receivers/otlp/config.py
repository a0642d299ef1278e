"""Settings of the OTLP receivers."""

from dataclasses import dataclass
from typing import Final

from taskscope.config.setting import setting
from taskscope.errors import UsageError
from taskscope.spool.record import MAX_BODY_BYTES

_POSITIVE: Final = (
    "max_body_bytes", "max_decompressed_bytes", "max_held_bytes", "max_requests", "max_connections",
    "head_seconds", "body_seconds", "idle_seconds", "grace_seconds", "retry_seconds",
)  # fmt: skip


@dataclass(frozen=True)
class OtlpConfig:
    """What of the OTLP receivers can be set; ports, tokens and certificates are the program's."""

    # 64 MiB is what the protocol recommends as the limit, after decompression.
    max_body_bytes: int = setting(64 << 20, help="Largest body of an HTTP request as it is sent.")
    max_decompressed_bytes: int = setting(
        64 << 20, help="Largest request after decompression, and largest gRPC message."
    )
    max_held_bytes: int = setting(
        128 << 20, help="Bytes of requests under way in memory, of each process; more is answered to come again later."
    )
    max_requests: int = setting(
        512, help="Requests under way at once, of each process; more are answered to come again later."
    )
    max_connections: int = setting(
        1024, help="HTTP connections at once, of each process; more are closed as they come."
    )
    head_seconds: float = setting(10.0, help="How long the head of an HTTP request may take; then it is disconnected.")
    body_seconds: float = setting(30.0, help="How long the body of a request may take, as a whole.")
    idle_seconds: float = setting(75.0, help="How long an HTTP connection may be silent between two requests.")
    grace_seconds: float = setting(5.0, help="How long requests under way may take when the receiver stops.")
    # The SDKs' exporters try up to six times and give up after 10 s in all: two seconds outlast the longest trouble.
    retry_seconds: float = setting(2.0, help="Delay that a refused sender is asked to keep before it comes again.")
    allowed_origins: tuple[str, ...] = setting(
        (), help="Web origins whose pages may send, such as https://shop.example or https://*.example; none by default."
    )

    def validate(self) -> None:
        """
        Check the settings.

        Raises:
            UsageError: A value cannot be right; the text names it.
        """
        for name in _POSITIVE:
            if not (value := getattr(self, name)) > 0:
                raise UsageError(f"{name} {value}: it must be more than 0")
        largest = max(self.max_body_bytes, self.max_decompressed_bytes)
        if largest > MAX_BODY_BYTES:
            name = "max_body_bytes" if largest == self.max_body_bytes else "max_decompressed_bytes"
            raise UsageError(f"{name} {largest}: the spool keeps bodies of up to {MAX_BODY_BYTES} bytes")
        if self.max_held_bytes < largest:
            raise UsageError(
                f"max_held_bytes {self.max_held_bytes} is less than one request of {largest} bytes",
                hint="raise max_held_bytes, or lower max_body_bytes and max_decompressed_bytes",
            )
        for origin in self.allowed_origins:
            if origin != "*" and "://" not in origin:
                raise UsageError(f"allowed_origins {origin!r} is no origin", hint="write it as https://shop.example")
