"""The timeline as text: one event a line, three columns separated by tabs, made for grep."""

import re
from collections.abc import Callable
from datetime import tzinfo
from typing import Final

from taskscope.model.timeline import Kind, TimelineEvent
from taskscope.render.times import iso

_UNSAFE: Final = re.compile("[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
"""
What would break a line or speak to the terminal: control characters of both sets but the tab, Unicode's line
separators, and halves of surrogate pairs, which no output encoding takes.
"""

_STYLE_OF: Final = {
    Kind.SERVICE_EVENT: "service",
    Kind.LIFECYCLE: "task",
    Kind.CONTAINER_STATE: "state",
    Kind.LOG: "log",
    Kind.SPAN: "span",
    Kind.METRIC: "metric",
}

_LAST_NEWLINE: Final = re.compile(r"\r?\n\Z")
_NAMES: Final = {"\n": r"\n", "\r": r"\r"}

Paint = Callable[[str, str], str]
"""Colours a text by a style's name; see ``STYLES``."""

STYLES: Final = {
    "time": "2",
    "task": "1;34",
    "service": "35",
    "state": "36",
    "log": "32",
    "span": "33",
    "metric": "2;36",
    "bad": "31",
    "ok": "32",
    "error": "33",
    "throttle": "35",
    "fault": "31",
}
"""SGR parameters of ECMA-48 for each style."""


def ansi(text: str, style: str) -> str:
    """Colour a text for a terminal."""
    return f"\x1b[{STYLES[style]}m{text}\x1b[0m"


def escape(message: str) -> str:
    r"""Keep a message on one line and off the terminal's controls (``\n``, ``\x1b``); one newline at its end goes."""
    return message if message.isprintable() else _UNSAFE.sub(_escaped, _LAST_NEWLINE.sub("", message))


def _escaped(found: re.Match[str]) -> str:
    code = ord(found[0])
    return _NAMES.get(found[0]) or (f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}")  # noqa: PLR2004 (two digits)


def line(event: TimelineEvent, *, zone: tzinfo | None = None, raw: bool = False, paint: Paint | None = None) -> str:
    """Write one event, without the newline; ``raw`` leaves the message as it is."""
    message = event.message if raw else escape(event.message)
    if paint is None:
        return f"{iso(event.time, zone)}\t{event.source}\t{message}"
    shown = paint(message, "bad") if _is_bad(event) else message
    return f"{paint(iso(event.time, zone), 'time')}\t{paint(event.source, _STYLE_OF[event.kind])}\t{shown}"


def _is_bad(event: TimelineEvent) -> bool:
    """Whether the line says why something ended: a stop reason, or an exit code that is not 0."""
    if event.kind is Kind.LIFECYCLE:
        return event.message.startswith(("StoppedReason:", "StoppedCode:"))
    return event.kind is Kind.CONTAINER_STATE and "(exit code: 0)" not in event.message and "STOPPED" in event.message
