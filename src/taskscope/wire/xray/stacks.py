"""Stack traces as text, in the forms of several languages, to X-Ray's frames."""

import re
from itertools import pairwise
from typing import Final, NamedTuple

_PYTHON: Final = re.compile(r'^\s*File "(?P<path>[^"\n]*)", line (?P<line>\d+)(?:, in (?P<label>.*))?$')
_AT: Final = (
    # .NET: "   at Shop.Cart.Pay(Int32 id) in /src/Cart.cs:line 12"
    re.compile(r"^\s*at (?P<label>.+?) in (?P<path>.+):line (?P<line>\d+)$"),
    # X-Ray rows kept as text: "\tat pay(cart.py: 12)"; Java: "\tat shop.Cart.pay(Cart.java:12)"
    # Node.js has a column, too: "    at pay (/srv/cart.js:12:5)"
    re.compile(r"^\s*at (?P<label>.*?)\s?\((?P<path>[^()]*?):\s?(?P<line>\d+)(?::\d+)?\)$"),
    # Java without a line: "\tat shop.Cart.pay(Native Method)"
    re.compile(r"^\s*at (?P<label>[^\s(]*)\((?P<path>Native Method|Unknown Source|[^\s():]+\.\w+)\)$"),
    # Node.js without a function: "    at /srv/cart.js:12:5"
    re.compile(r"^\s*at (?P<path>[^\s()]+?):(?P<line>\d+)(?::\d+)?$"),
    # .NET without a source, and anything else that begins with "at"
    re.compile(r"^\s*at (?P<label>.+)$"),
)
_GO_PLACE: Final = re.compile(r"^\t(?P<path>.+):(?P<line>\d+)(?: \+0x[0-9a-f]+)?$")
_CHAINED: Final = re.compile(
    r"\n*(?:The above exception was the direct cause of the following exception:"
    r"|During handling of the above exception, another exception occurred:)\n+"
)
_CAUSED_BY: Final = re.compile(r"^\s*Caused by: ", re.MULTILINE)
_MAX_CHARACTERS: Final = 65_536
"""Of a trace, more are not read: X-Ray's documents hold no more."""
_MAX_LINE: Final = 1000
"""Characters of a line; longer ones are no frames. Bounds the search, which is quadratic in it at worst."""


class Part(NamedTuple):
    """One exception of a chain."""

    head: str
    """``Type: message``; empty for the outermost, whose type and message are told elsewhere."""
    frames: list[dict[str, object]]


def parse_stack(text: str) -> list[Part]:
    """
    Read a stack trace: the exception itself, then what caused it, and so on.

    The form is told by the text, not by the sender's language: a service may pass on another's trace. Python lists
    the innermost call last; X-Ray wants it first, so Python's frames are turned round.
    """
    text = text[:_MAX_CHARACTERS].replace("\r\n", "\n")
    if 'File "' in text:
        return _python(_CHAINED.split(text))
    first, *causes = _CAUSED_BY.split(text)
    parts = [Part("", _frames(first))]
    parts += [Part(cause.partition("\n")[0].strip(), _frames(cause)) for cause in causes]
    return parts


def _python(blocks: list[str]) -> list[Part]:
    """Order Python's chain, which tells the first cause first."""
    parts = []
    for position, block in enumerate(reversed(blocks)):
        lines = _lines(block.rstrip())
        frames = [_frame(match) for line in lines if (match := _PYTHON.match(line))]
        parts.append(Part(lines[-1] if position and lines else "", frames[::-1]))
    return parts


def _lines(text: str) -> list[str]:
    return [line for line in text.splitlines() if len(line) <= _MAX_LINE]


def _frames(text: str) -> list[dict[str, object]]:
    lines = _lines(text)
    if any(line.startswith("goroutine ") for line in lines):
        return _go(lines)
    matches = (next((match for form in _AT if (match := form.match(line))), None) for line in lines)
    return [_frame(match) for match in matches if match]


def _go(lines: list[str]) -> list[dict[str, object]]:
    """Read Go's pairs of lines: the call, then its place behind a tab."""
    pairs = pairwise(lines)
    return [
        _frame(match) | {"label": call.rpartition("(")[0] or call}
        for call, place in pairs
        if (match := _GO_PLACE.match(place))
    ]


def _frame(match: re.Match[str]) -> dict[str, object]:
    found = match.groupdict()
    return {"path": found.get("path") or "", "line": int(found.get("line") or 0), "label": found.get("label") or ""}
