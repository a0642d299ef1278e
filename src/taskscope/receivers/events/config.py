"""Settings of the receiver of AWS events."""

from dataclasses import dataclass

from taskscope.config.setting import setting
from taskscope.errors import UsageError


@dataclass(frozen=True)
class EventsConfig:
    """What of the receiver of AWS events can be set; its port, token and certificate are the program's."""

    # EventBridge and SNS send 256 KiB to 1 MiB, the Telemetry API 1 MiB at most.
    max_body_bytes: int = setting(4 << 20, help="Largest body of a request.")
    max_held_bytes: int = setting(
        64 << 20, help="Bytes of requests under way in memory; more is answered to come again later."
    )
    body_seconds: float = setting(30.0, help="How long the body of a request may take, as a whole.")
    retry_seconds: float = setting(5.0, help="Delay that a refused sender is asked to keep before it comes again.")
    grace_seconds: float = setting(5.0, help="How long requests under way may take when the receiver stops.")

    def validate(self) -> None:
        """
        Check the settings.

        Raises:
            UsageError: A value cannot be right; the text names it.
        """
        for name in ("max_body_bytes", "max_held_bytes", "body_seconds", "retry_seconds", "grace_seconds"):
            if not (value := getattr(self, name)) > 0:
                raise UsageError(f"{name} {value}: it must be more than 0")
        if self.max_held_bytes < self.max_body_bytes:
            raise UsageError(
                f"max_held_bytes {self.max_held_bytes} is less than one body of {self.max_body_bytes} bytes",
                hint="raise max_held_bytes, or lower max_body_bytes",
            )
