"""Sizes in bytes as people write them."""

import re
from typing import Final

from taskscope.errors import UsageError

_UNITS: Final[dict[str, int]] = {
    "": 1,
    "b": 1,
    **{f"{letter}b": 1000**power for power, letter in enumerate("kmgt", start=1)},
    **{f"{letter}ib": 1024**power for power, letter in enumerate("kmgt", start=1)},
}
_SIZE: Final = re.compile(r"([0-9]+)(?:\.([0-9]+))?\s*([a-z]*)")


def parse_size(text: str) -> int:
    """
    Read a size such as ``16MiB`` (of 1,024), ``64kB`` (of 1,000), ``1.5 GiB`` or ``4096``, whatever its case.

    ``16M`` is refused: some programs mean 1,000 by it, others 1,024.

    Raises:
        UsageError: The text is no size.
    """
    match = _SIZE.fullmatch(text.strip().lower())
    if not match or match[3] not in _UNITS:
        raise UsageError(f"{text!r} is no size", hint="write it as 16MiB, 64kB, 1GB or as bytes")
    unit, fraction = _UNITS[match[3]], match[2] or ""
    scale: int = 10 ** len(fraction)
    return int(match[1]) * unit + int(fraction or 0) * unit // scale


def format_size(size: int) -> str:
    """Write a size as it can be read again, in the largest unit that fits exactly: ``16MiB``, ``1GB``, ``4097``."""
    for power, letter in reversed(list(enumerate("KMGT", start=1))):
        for unit, name in ((1024**power, f"{letter}iB"), (1000**power, f"{letter.replace('K', 'k')}B")):
            if size and size % unit == 0:
                return f"{size // unit}{name}"
    return str(size)
