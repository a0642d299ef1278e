"""OTLP's JSON, cut into requests of a size that a server takes, whatever size the documents have."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

from taskscope.errors import MalformedPayloadError
from taskscope.sources.imports.occurrences import Occurrences
from taskscope.sources.imports.piece import ITEM_BYTES, PIECE_BYTES, PIECE_ITEMS, Piece

_UID: Final = "log.record.uid"


class _Names(NamedTuple):
    """How the levels of a request are called."""

    signal: str
    resources: str
    scopes: str
    items: str


_NAMES: Final = (
    _Names("spans", "resourceSpans", "scopeSpans", "spans"),
    _Names("logs", "resourceLogs", "scopeLogs", "logRecords"),
    _Names("metrics", "resourceMetrics", "scopeMetrics", "metrics"),
    _Names("spans", "resource_spans", "scope_spans", "spans"),
    _Names("logs", "resource_logs", "scope_logs", "log_records"),
    _Names("metrics", "resource_metrics", "scope_metrics", "metrics"),
)


def is_request(value: object) -> bool:
    """Whether a value of JSON is an export request of OTLP."""
    return isinstance(value, dict) and any(names.resources in value for names in _NAMES)


class OtlpPieces:
    """
    Gathers spans, log records and metrics of many requests into new ones.

    A log record that nothing names gets a ``log.record.uid``: what it says, and how often the same was there before.
    """

    def __init__(self) -> None:
        self._said = Occurrences()
        self._open: dict[_Names, _Request] = {}

    def add(self, value: Mapping[str, Any]) -> Iterator[Piece]:
        """
        Take a request; yield pieces that are full.

        Raises:
            MalformedPayloadError: It is not of OTLP's shape; what was taken of it before that is kept.
        """
        for names in _NAMES:
            for resource in _list(value, names.resources):
                about = _without(resource, names.scopes)
                for scope in _list(resource, names.scopes):
                    within = _without(scope, names.items)
                    for item in _list(scope, names.items):
                        yield from self._take(names, about, within, item)

    def rest(self) -> Iterator[Piece]:
        """Yield what is left."""
        for names, request in self._open.items():
            yield request.piece(names)
        self._open.clear()

    def _take(self, names: _Names, about: str, within: str, item: object) -> Iterator[Piece]:
        if not isinstance(item, dict):
            raise MalformedPayloadError(f"an item of {names.items} is no object")
        text = _text(self._named(item, about, within) if names.signal == "logs" else item)
        if len(text) > ITEM_BYTES:
            raise MalformedPayloadError(f"an item of {names.items} has {len(text)} bytes")
        request = self._open.get(names)
        if request is not None and not request.has_room(len(text)):
            yield self._open.pop(names).piece(names)
        self._open.setdefault(names, _Request()).add(about, within, text)

    def _named(self, record: dict[str, Any], about: str, within: str) -> dict[str, Any]:
        attributes = record.get("attributes") or []
        if not isinstance(attributes, list) or any(
            isinstance(each, dict) and each.get("key") == _UID for each in attributes
        ):
            return record
        told = f"{about}\0{within}\0{json.dumps(record, sort_keys=True)}"
        uid = self._said.name(hashlib.sha256(told.encode("utf-8", "replace")).digest())
        return {**record, "attributes": [*attributes, {"key": _UID, "value": {"stringValue": uid}}]}


class _Request:
    """An export request that is being made: text by text, nested as OTLP has it."""

    def __init__(self) -> None:
        self._parts: list[tuple[str, list[tuple[str, list[str]]]]] = []
        self._bytes = 0
        self._items = 0

    def has_room(self, size: int) -> bool:
        return self._bytes + size <= PIECE_BYTES and self._items < PIECE_ITEMS

    def add(self, about: str, within: str, text: str) -> None:
        if not self._parts or self._parts[-1][0] != about:
            self._parts.append((about, []))
            self._bytes += len(about)
        scopes = self._parts[-1][1]
        if not scopes or scopes[-1][0] != within:
            scopes.append((within, []))
            self._bytes += len(within)
        scopes[-1][1].append(text)
        self._bytes += len(text)
        self._items += 1

    def piece(self, names: _Names) -> Piece:
        resources = [
            _with(about, names.scopes, [_with(within, names.items, texts) for within, texts in scopes])
            for about, scopes in self._parts
        ]
        return Piece(names.signal, _with("{}", names.resources, resources).encode("utf-8", "replace"), self._items)


def _list(value: object, name: str) -> list[Any]:
    if not isinstance(value, dict):
        raise MalformedPayloadError(f"what should have {name} is no object")
    found = value.get(name)
    if found is not None and not isinstance(found, list):
        raise MalformedPayloadError(f"{name} is no list")
    return found or []


def _without(value: Mapping[str, Any], name: str) -> str:
    return _text({key: each for key, each in value.items() if key != name}) if isinstance(value, dict) else "{}"


def _with(text: str, name: str, items: list[str]) -> str:
    """Add a list to the text of an object."""
    comma = "" if text == "{}" else ","
    return f'{text[:-1]}{comma}"{name}":[{",".join(items)}]}}'


def _text(value: object) -> str:
    return json.dumps(value, separators=(",", ":"))
