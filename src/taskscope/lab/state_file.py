"""
Recorded states of AWS, format 1: one task with its service, definition and logs, as a JSON file.

Members have the names of the AWS service models. Times of ECS are ISO-8601 strings; log times are
epoch milliseconds. ``tests/fixtures/golden/README.md`` describes the format.
"""

import functools
import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import botocore.session
from botocore.model import Shape

from taskscope.errors import UsageError
from taskscope.lab.gateway.service import Document

FORMAT: Final = 1

_TEXTS: Final = ("region", "account", "cluster", "taskId", "clock")
_SHAPES: Final = {"task": "Task", "taskDefinition": "TaskDefinition", "service": "Service"}
_NEEDED: Final = {
    "task": ("taskArn", "clusterArn", "taskDefinitionArn", "lastStatus", "desiredStatus", "containers"),
    "taskDefinition": ("taskDefinitionArn", "family", "revision", "containerDefinitions"),
}
"""What the lab itself reads; every other member of the AWS model may be absent."""

_KINDS: Final[dict[str, tuple[type, ...]]] = {
    "integer": (int,), "long": (int,), "double": (int, float), "float": (int, float),
    "boolean": (bool,), "string": (str,), "list": (list,), "structure": (dict,), "map": (dict,),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class LogStream:
    """One log stream; events have ``timestamp``, ``message`` and ``ingestionTime``."""

    name: str
    events: list[Document]


@dataclass(frozen=True, slots=True)
class LogGroup:
    """One log group with its streams."""

    name: str
    streams: list[LogStream]


@dataclass(frozen=True, slots=True)
class RecordedState:
    """What the lab loads; the documents have aware datetimes for times."""

    title: str
    region: str
    account: str
    cluster: str
    task_id: str
    clock: datetime
    """The "now" of the recording, for ``taskscope trace --now``."""
    task: Document
    definition: Document
    service: Document | None
    log_groups: list[LogGroup]


class _Invalid(Exception):  # noqa: N818 - never leaves this module; the place in the document is its text
    """A member that cannot be loaded: its path and what is wrong with it."""


def read_state(file: Path) -> RecordedState:
    """
    Read a recorded state.

    Raises:
        UsageError: The file cannot be read, is no JSON, or a member is missing, unknown to the AWS model or of another
            type; the message names the file and the member.
    """
    try:
        return _state(json.loads(file.read_text(encoding="utf-8")))
    except OSError as error:
        raise UsageError(f"cannot read the state {file}: {error.strerror or error}") from None
    except ValueError as error:
        raise UsageError(f"{file} is no JSON: {error}") from None
    except _Invalid as error:
        hint = "tests/fixtures/golden/README.md in Taskscope's repository describes the format"
        raise UsageError(f"{file} is no recorded state: {error}", hint=hint) from None


def _state(document: Any) -> RecordedState:
    if _member(document, "format", int) != FORMAT:
        raise _Invalid(f"format {document['format']} is unknown, this version reads format {FORMAT}")
    texts = {name: _member(document, name, str) for name in _TEXTS}
    typed = {name: _typed(_shape(kind), document.get(name), name) for name, kind in _SHAPES.items()}
    for name, needed in _NEEDED.items():
        for member in needed:
            _member(_member(document, name, dict), member, None, name)
    return RecordedState(
        title=document.get("title", ""),
        region=texts["region"],
        account=texts["account"],
        cluster=texts["cluster"],
        task_id=texts["taskId"],
        clock=_time(texts["clock"], "clock"),
        task=typed["task"],
        definition=typed["taskDefinition"],
        service=typed["service"],
        log_groups=[
            _log_group(group, f"logGroups[{i}]") for i, group in enumerate(_member(document, "logGroups", list))
        ],
    )


def _log_group(group: Any, at: str) -> LogGroup:
    streams = [
        LogStream(
            _member(stream, "logStreamName", str, f"{at}.logStreams[{i}]"),
            [
                _log_event(event, f"{at}.logStreams[{i}].events[{j}]")
                for j, event in enumerate(_member(stream, "events", list, f"{at}.logStreams[{i}]"))
            ],
        )
        for i, stream in enumerate(_member(group, "logStreams", list, at))
    ]
    return LogGroup(_member(group, "logGroupName", str, at), streams)


def _log_event(event: Any, at: str) -> Document:
    timestamp = _member(event, "timestamp", int, at)
    return {
        "timestamp": timestamp,
        "message": _member(event, "message", str, at),
        "ingestionTime": event.get("ingestionTime", timestamp),
    }


def _member(document: Any, name: str, kind: type | None, at: str = "") -> Any:
    """Return a member that must be there, of this type."""
    place = f"{at}.{name}" if at else name
    if not isinstance(document, dict):
        raise _Invalid(f"{at or 'the document'} is no object")
    if document.get(name) is None:
        raise _Invalid(f"member {place} is missing")
    if kind is not None and not isinstance(document[name], kind):
        raise _Invalid(f"{place}: {document[name]!r} is no {kind.__name__}")
    return document[name]


@functools.cache
def _shape(name: str) -> Shape:
    return botocore.session.Session().get_service_model("ecs").shape_for(name)


def _typed(shape: Any, value: Any, at: str) -> Any:
    """Return the value with datetimes where the AWS model has timestamps; refuse what the model does not have."""
    if value is None:
        return None
    if shape.type_name == "timestamp":
        return _time(value, at)
    _check_kind(shape, value, at)
    if shape.type_name == "list":
        return [_typed(shape.member, item, f"{at}[{i}]") for i, item in enumerate(value)]
    if shape.type_name == "map":
        return {key: _typed(shape.value, item, f"{at}.{key}") for key, item in value.items()}
    if shape.type_name == "structure":
        if unknown := sorted(set(value) - set(shape.members)):
            raise _Invalid(f"{at}: AWS's {shape.name} has no member {', '.join(unknown)}")
        return {name: _typed(shape.members[name], item, f"{at}.{name}") for name, item in value.items()}
    return value


def _check_kind(shape: Any, value: Any, at: str) -> None:
    if not isinstance(value, _KINDS[shape.type_name]):
        raise _Invalid(f"{at}: {value!r} is no {shape.type_name}")


def _time(value: Any, at: str) -> datetime:
    try:
        moment = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        raise _Invalid(f"{at}: {value!r} is no ISO-8601 time") from None
    if moment.tzinfo is None:
        raise _Invalid(f"{at}: {value!r} has no offset from UTC")
    return moment
