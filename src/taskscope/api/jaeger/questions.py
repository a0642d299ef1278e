"""What clients of Jaeger's API ask, in query strings of several generations."""

import json
from collections.abc import Mapping
from typing import Any, Final

from starlette.datastructures import QueryParams

from taskscope.clock import MICROSECOND, MILLISECOND, SECOND
from taskscope.config.times import parse_duration
from taskscope.errors import UsageError
from taskscope.model.span import SpanKind
from taskscope.model.window import Window
from taskscope.query.span_search import LONGEST_NS, SpanQuestion

MAX_TRACES: Final = 1500
"""What Jaeger's page offers at most."""
_DEFAULT_TRACES: Final = 20
_HOUR: Final = 3600 * SECOND
_LAST_US: Final = LONGEST_NS // MICROSECOND


def window_of(given: QueryParams, now: int) -> Window:
    """
    Read ``start`` and ``end`` in microseconds since the epoch, or ``lookback``; by default the last hour.

    Raises:
        UsageError: One is no number, or they are the wrong way round.
    """
    end = _number(given, "end", now // MICROSECOND, most=_LAST_US) * MICROSECOND
    lookback = given.get("lookback", "")
    length = parse_duration(lookback) if lookback and lookback != "custom" else _HOUR
    start = _number(given, "start", max(0, end - length) // MICROSECOND, most=_LAST_US) * MICROSECOND
    if start >= end:
        raise UsageError(f"start {start // MICROSECOND} is not before end {end // MICROSECOND}")
    return Window(start, end)


def lookback_of(given: QueryParams, now: int) -> Window:
    """Read ``endTs`` and ``lookback`` in milliseconds, as for dependencies; raises as ``window_of``."""
    most = LONGEST_NS // MILLISECOND
    end = _number(given, "endTs", now // MILLISECOND, most=most) * MILLISECOND
    length = _number(given, "lookback", _HOUR // MILLISECOND, most=most) * MILLISECOND
    if length <= 0:
        raise UsageError("lookback is a number of milliseconds, more than 0")
    return Window(max(0, end - length), end)


def limit_of(given: QueryParams) -> int:
    """Read ``limit``; raises as ``window_of``."""
    return max(1, _number(given, "limit", _DEFAULT_TRACES, most=MAX_TRACES))


def question_of(given: QueryParams) -> SpanQuestion:
    """
    Read what a span has to be.

    Raises:
        UsageError: The service is missing, or something cannot be read.
    """
    service = given.get("service", "")
    if not service:
        raise UsageError("parameter 'service' is required")
    tags = _tags(given)
    kind = tags.pop("span.kind", "")
    error = tags.pop("error", "")
    return SpanQuestion(
        service=service,
        operation="" if given.get("operation") == "all" else given.get("operation", ""),
        least_ns=_duration(given, "minDuration", 0),
        most_ns=_duration(given, "maxDuration", LONGEST_NS),
        kind=_kind(kind) if kind else None,
        failed=error.lower() == "true" if error else None,
        attributes=tags,
    )


def _kind(text: str) -> int:
    try:
        return SpanKind[text.upper()]
    except KeyError:
        raise UsageError(f"span.kind {text!r}: it is server, client, producer, consumer or internal") from None


def _tags(given: QueryParams) -> dict[str, str]:
    """Read ``tags``, a JSON object, and each ``tag``, ``key:value``."""
    tags: dict[str, str] = {}
    for text in given.getlist("tag"):
        key, colon, value = text.partition(":")
        if not colon:
            raise UsageError(f"malformed 'tag' parameter, expecting key:value, received: {text[:200]}")
        tags[key] = value
    for text in given.getlist("tags"):
        tags |= {key: _text(value) for key, value in _object(text).items()}
    return tags


def _object(text: str) -> Mapping[str, Any]:
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        document = None
    if not isinstance(document, dict):
        raise UsageError(f"malformed 'tags' parameter, expecting a JSON object, received: {text[:200]}")
    return document


def _text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _duration(given: QueryParams, name: str, default: int) -> int:
    text = given.get(name, "")
    return parse_duration(text) if text else default


def _number(given: QueryParams, name: str, default: int, *, most: int) -> int:
    text = given.get(name, "")
    if not text:
        return default
    if not (text.isascii() and text.isdigit() and len(text) < 20 and int(text) <= most):  # noqa: PLR2004 (digits of 2**63)
        raise UsageError(f"{name} {text[:80]!r} is no number up to {most}")
    return int(text)
