"""The ``logGroups`` of a recorded state, checked before any of it is loaded."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from taskscope.errors import UsageError

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class SeedStream:
    """One recorded stream: timestamp, message and ingestion time (None: not recorded) of each event."""

    name: str
    events: list[tuple[int, str, int | None]]


@dataclass(frozen=True, slots=True)
class SeedGroup:
    """One recorded log group."""

    name: str
    streams: list[SeedStream]


def read_log_groups(log_groups: Sequence[Any]) -> list[SeedGroup]:
    """
    Read recorded log groups, named as in the AWS model.

    Raises:
        UsageError: Something is missing or of a wrong type; the text says where.
    """
    return [
        SeedGroup(
            _member(group, "logGroupName", str, at),
            [_read_stream(stream, within) for within, stream in _items(group, "logStreams", at)],
        )
        for at, group in ((f"logGroups[{number}]", group) for number, group in enumerate(log_groups))
    ]


def _read_stream(stream: Any, at: str) -> SeedStream:
    events = [_read_event(event, within) for within, event in _items(stream, "events", at)]
    return SeedStream(_member(stream, "logStreamName", str, at), events)


def _read_event(event: Any, at: str) -> tuple[int, str, int | None]:
    timestamp, message = _member(event, "timestamp", int, at), _member(event, "message", str, at)
    if timestamp < 0 or not message:
        raise UsageError(f"{at}: a log event has a message and a time since 1970")
    return timestamp, message, _member(event, "ingestionTime", int, at) if "ingestionTime" in event else None


def _items(document: Any, name: str, at: str) -> Iterator[tuple[str, Any]]:
    for number, item in enumerate(_member(document, name, list, at)):
        yield f"{at}.{name}[{number}]", item


def _member(document: Any, name: str, kind: type[_T], at: str) -> _T:
    value = document.get(name) if isinstance(document, Mapping) else None
    if not isinstance(value, kind):
        raise UsageError(f"{at}.{name} is missing or not of type {kind.__name__}")
    return value
