"""Times for people: ISO 8601 with the offset of the zone, local by default."""

from datetime import tzinfo

from taskscope.clock import to_datetime


def iso(instant: int, zone: tzinfo | None, *, timespec: str = "milliseconds") -> str:
    """Write a moment such as ``2021-12-03T11:06:21.633+09:00``; an offset of zero is written ``Z``."""
    text = to_datetime(instant, zone).isoformat(timespec=timespec)
    return f"{text[:-6]}Z" if text.endswith("+00:00") else text
