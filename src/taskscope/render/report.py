"""A timeline as a message: a subject and a text, cut to what SNS takes."""

from collections.abc import Iterable, Sequence
from datetime import tzinfo
from typing import Final

from taskscope.model.timeline import TimelineEvent
from taskscope.render.text import line

MESSAGE_LIMIT: Final = 256 * 1024
"""Bytes of an SNS message (Publish)."""

SUBJECT_LIMIT: Final = 100
"""ASCII characters of an SNS subject (Publish)."""

_ELLIPSIS: Final = "..."


def text_lines(events: Iterable[TimelineEvent], *, zone: tzinfo | None = None) -> list[str]:
    """Return the text form of the events, a line each."""
    return [line(event, zone=zone) for event in events]


def subject(cluster: str | None, task: str | None) -> str:
    """Return what fujiwara/tracer puts over a report: printable ASCII, 100 characters at most."""
    about = f"Tracer: {task}" if task else ("Tracer: tasks" if cluster else "Tracer: clusters")
    whole = f"{about} on {cluster}" if cluster else about
    ascii_only = "".join(each if " " <= each <= "~" else "?" for each in whole)
    if len(ascii_only) <= SUBJECT_LIMIT:
        return ascii_only
    return ascii_only[: SUBJECT_LIMIT - len(_ELLIPSIS)] + _ELLIPSIS


def fit(lines: Sequence[str], *, limit: int = MESSAGE_LIMIT) -> str:
    """
    Join lines to a text of at most ``limit`` bytes of UTF-8.

    Where it would be longer the newest lines stay, because they tell how it ended, and the first line says how many
    are left out. A newest line that is over the limit by itself loses its beginning, at a character.

    Raises:
        ValueError: The limit leaves no room for that first line.
    """
    if not lines:
        return ""
    whole = "".join(f"{each}\n" for each in lines)
    if len(whole.encode()) <= limit:
        return whole
    room = limit - len(_left_out(len(lines), limit, cut=True).encode()) - 1
    if room <= 0:
        raise ValueError(f"a message of {limit} bytes holds nothing")
    kept: list[str] = []
    for each in reversed(lines):
        if len(each.encode()) > room:
            break
        room -= len(each.encode()) + 1
        kept.append(each)
    if kept:
        return _left_out(len(lines) - len(kept), limit) + "".join(f"{each}\n" for each in reversed(kept))
    end = lines[-1].encode()[-room:].decode("utf-8", "ignore")
    return f"{_left_out(len(lines) - 1, limit, cut=True)}{end}\n"


def _left_out(count: int, limit: int, *, cut: bool = False) -> str:
    beginning = " and the beginning of the next one" if cut else ""
    return f"({count} earlier lines{beginning} are left out: a message holds {limit} bytes)\n"
