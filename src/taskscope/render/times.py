"""Times for people: ISO 8601 with the offset of the zone, local by default."""

from datetime import tzinfo
from functools import lru_cache

from taskscope.clock import MILLISECOND, SECOND, to_datetime


def iso(instant: int, zone: tzinfo | None) -> str:
    """Write a moment such as ``2021-12-03T11:06:21.633+09:00``; an offset of zero is written ``Z``."""
    seconds, rest = divmod(instant, SECOND)
    start, offset = _second(seconds, zone)
    return f"{start}.{rest // MILLISECOND:03}{offset}"


def iso_seconds(instant: int, zone: tzinfo | None) -> str:
    """Write a moment to its second."""
    return "".join(_second(instant // SECOND, zone))


@lru_cache(4096)
def _second(seconds: int, zone: tzinfo | None) -> tuple[str, str]:
    """Write one second, the offset apart. Kept, because finding an offset takes 3 us and lines share their seconds."""
    text = to_datetime(seconds * SECOND, zone).isoformat(timespec="seconds")
    return text[:19], "Z" if text.endswith("+00:00") else text[19:]
