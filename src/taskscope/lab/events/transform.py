"""What a target receives: the event, a part of it, a constant, or a template filled from it. Pure."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

_STEP: Final = re.compile(
    r"\.(?P<name>[A-Za-z0-9_\-@]+)|\[(?P<index>\d+)\]|\[(?P<quote>['\"])(?P<key>[^'\"]+)(?P=quote)\]"
)
_TOKEN: Final = re.compile(r'\\.|"|<(?P<name>[A-Za-z0-9_.\-]+)>|.', re.DOTALL)
_MISSING: Final = object()


class PathError(ValueError):
    """The text is no path that EventBridge reads."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where an event was matched, for the reserved variables of a template."""

    rule_arn: str
    rule_name: str
    ingested: str
    """ISO 8601 time at which the event bus got the event."""


def check_path(path: str) -> None:
    """
    Check a path such as ``$.detail.containers[0].name``.

    Raises:
        PathError: It is none.
    """
    _steps(path)


def shape(target: Mapping[str, Any], event: Mapping[str, Any], origin: Origin) -> str:
    """Return the text that ``target``, a Target of the API, gets for ``event``: JSON, or what its template makes."""
    if "Input" in target:
        return str(target["Input"])
    if "InputPath" in target:
        found = _read(event, target["InputPath"])
        return _json(None if found is _MISSING else found)
    if "InputTransformer" in target:
        return _fill(target["InputTransformer"], event, origin)
    return _json(event)


def _json(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def _steps(path: str) -> list[str | int]:
    position = 1 if path.startswith("$") else -1
    steps: list[str | int] = []
    while 0 <= position < len(path):
        found = _STEP.match(path, position)
        if found is None:
            position = -1
        else:
            position = found.end()
            steps.append(int(found["index"]) if found["index"] else found["name"] or found["key"])
    if position < 0:
        raise PathError(f"{path!r} is no path; write it as $.detail.lastStatus")
    return steps


def _read(event: Any, path: str) -> Any:
    value = event
    for step in _steps(path):
        if isinstance(step, int):
            value = value[step] if isinstance(value, list) and step < len(value) else _MISSING
        else:
            value = value.get(step, _MISSING) if isinstance(value, dict) else _MISSING
        if value is _MISSING:
            break
    return value


def _fill(transformer: Mapping[str, Any], event: Mapping[str, Any], origin: Origin) -> str:
    """
    Fill a template: inside a quoted text a variable is text, outside it is JSON.

    The variables are those of ``InputPathsMap`` and the reserved ones, ``<aws.events.rule-arn>`` and its kin.
    """
    values: dict[str, Any] = {
        "aws.events.rule-arn": origin.rule_arn,
        "aws.events.rule-name": origin.rule_name,
        "aws.events.event.ingestion-time": origin.ingested,
        "aws.events.event": {name: part for name, part in event.items() if name != "detail"},
        "aws.events.event.json": event,
    }
    values |= {name: _read(event, path) for name, path in transformer.get("InputPathsMap", {}).items()}
    quoted = False
    parts: list[str] = []
    for token in _TOKEN.finditer(transformer["InputTemplate"]):
        if token[0] == '"':
            quoted = not quoted
        known = token["name"] in values
        parts.append(_insert(values[token["name"]], quoted=quoted) if known else token[0])
    return "".join(parts)


def _insert(value: Any, *, quoted: bool) -> str:
    if value is _MISSING:
        return "" if quoted else "null"
    if not quoted:
        return _json(value)
    return _json(value if isinstance(value, str) else _json(value))[1:-1]
