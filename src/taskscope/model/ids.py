"""Trace and span ids: bytes inside, lowercase hex at the edges, and X-Ray's own spelling of a trace id."""

import re
from typing import Final

TRACE_ID_BYTES: Final = 16
SPAN_ID_BYTES: Final = 8

_XRAY_TRACE_ID: Final = re.compile(r"1-([0-9a-fA-F]{1,8})-([0-9a-fA-F]{24})")


def trace_id_from_xray(text: str) -> bytes:
    """
    Read ``1-5759e988-bd862e3fe1be46a994272793``; a time part with leading zeros left out is padded, as some SDKs do.

    Also reads the 32 hex digits that OpenTelemetry writes.

    Raises:
        ValueError: The text is neither.
    """
    if match := _XRAY_TRACE_ID.fullmatch(text):
        return bytes.fromhex(match[1].rjust(8, "0") + match[2])
    if len(text) == 2 * TRACE_ID_BYTES and text.isalnum():
        return bytes.fromhex(text)
    raise ValueError(f"{text[:64]!r} is no trace id")


def trace_id_to_xray(trace_id: bytes) -> str:
    """Write X-Ray's spelling: ``1-``, 8 hex digits, ``-``, 24 hex digits."""
    digits = trace_id.hex()
    return f"1-{digits[:8]}-{digits[8:]}"
