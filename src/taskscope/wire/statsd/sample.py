"""
A metric line of StatsD: ``name:value|type|@rate|#tags``, with DogStatsD's sections and packed values.

Protocol: StatsD (c, g, ms, s) as Etsy wrote it down; h, d, tags, ``|T``, ``|c:`` and values packed with ``:`` are
those of the DogStatsD protocol 1.0 to 1.3. Names are made of ``[A-Za-z0-9_.]``, begin with a letter and have at
most 200 characters, as Datadog asks; tags are bounded likewise.
"""

import re
from enum import StrEnum
from typing import Final, NamedTuple

from taskscope.clock import SECOND
from taskscope.errors import MalformedPayloadError
from taskscope.model.attributes import AttributeValue

MAX_LINE_BYTES: Final = 8192
"""The longest datagram of a DogStatsD client, over a unix socket."""
MAX_NAME: Final = 200
"""Characters of a name, of a tag's key and of its value."""
MAX_TAGS: Final = 100
MAX_NUMBER: Final = 2.0**360
"""Bound of what CloudWatch takes; sums of such numbers stay finite."""
_MIN_RATE: Final = 1e-6
"""A line stands for a million at most: a wrong rate must not outweigh everything."""
_MAX_SECONDS: Final = 2**63 // SECOND
_NOT_IN_A_NAME: Final = re.compile(r"[^A-Za-z0-9_.]")
_BEFORE_A_NAME: Final = re.compile(r"^[^A-Za-z]+")
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]")


class Kind(StrEnum):
    """The types of StatsD."""

    COUNTER = "c"
    GAUGE = "g"
    TIMING = "ms"
    HISTOGRAM = "h"
    DISTRIBUTION = "d"
    SET = "s"


_KINDS: Final = {kind.value.encode(): kind for kind in Kind}
_UNWEIGHTED: Final = frozenset({Kind.GAUGE, Kind.SET})
_TIMED: Final = frozenset({Kind.COUNTER, Kind.GAUGE})

Tags = tuple[tuple[str, str], ...]
"""Sorted pairs of key and value; a tag without a value has an empty one."""


class Series(NamedTuple):
    """What lines have in common that are aggregated together."""

    name: str
    kind: Kind
    tags: Tags = ()
    container_id: str = ""
    """Of the section ``|c:ci-…``; empty where the client does not say, or says an inode."""


class Sample(NamedTuple):
    """One value of one line."""

    series: Series
    value: float | str
    """A number; of a set a text."""
    weight: float = 1.0
    """How many events the line stands for: 1 / sample rate; always 1 for gauges and sets."""
    signed: bool = False
    """True where the value was written with a sign, which for a gauge may mean a change."""
    time_ns: int = 0
    """Of the section ``|T``, which counters and gauges may have; else 0."""


def number(text: bytes) -> float:
    """
    Read a value, as ``float`` does.

    Raises:
        ValueError: It is no number, not finite, or beyond ``MAX_NUMBER``.
    """
    value = float(text)
    if not -MAX_NUMBER <= value <= MAX_NUMBER:
        raise ValueError("the value is out of bounds")
    return value


def read_samples(line: bytes) -> list[Sample]:
    """
    Read one metric line; values packed into it become one sample each.

    Raises:
        MalformedPayloadError: The line does not read as ``name:value|type``, or a section of it is wrong.
    """
    if len(line) > MAX_LINE_BYTES:
        raise MalformedPayloadError(f"longer than {MAX_LINE_BYTES} bytes")
    head, _, rest = line.rstrip(b"\r").partition(b"|")
    name, colon, text = head.partition(b":")
    kind_name, *sections = rest.split(b"|")
    kind = _KINDS.get(kind_name)
    if not colon or kind is None:
        raise MalformedPayloadError("no name:value|type with a type of c, g, ms, h, d or s")
    weight, tags, container_id, time_ns = _read_sections(sections)
    series = Series(_read_name(name), kind, tags, container_id)
    if kind in _UNWEIGHTED:
        weight = 1.0
    if kind not in _TIMED:
        time_ns = 0
    if kind is Kind.SET:
        return [Sample(series, text.decode("utf-8", "replace"))]
    return [Sample(series, _read_number(each), weight, each[:1] in {b"+", b"-"}, time_ns) for each in text.split(b":")]


def read_tags(text: bytes) -> Tags:
    """
    Read ``key:value,bare,…``: split on the first colon, sorted, each pair once.

    Raises:
        MalformedPayloadError: There are too many.
    """
    pairs = set()
    for tag in _CONTROL.sub("_", text.decode("utf-8", "replace")).split(","):
        key, _, value = tag.strip().partition(":")
        if key:
            pairs.add((key[:MAX_NAME], value[:MAX_NAME]))
    if len(pairs) > MAX_TAGS:
        raise MalformedPayloadError(f"more than {MAX_TAGS} tags")
    return tuple(sorted(pairs))


def tag_attributes(tags: Tags) -> dict[str, AttributeValue]:
    """Make attributes of tags: the values of a repeated key become a list."""
    attributes: dict[str, AttributeValue] = {}
    for key, value in tags:
        before = attributes.get(key)
        if before is None:
            attributes[key] = value
        else:
            attributes[key] = [*before, value] if isinstance(before, list) else [before, value]
    return attributes


def read_seconds(text: bytes) -> int:
    """
    Read seconds since the epoch, into nanoseconds.

    Raises:
        MalformedPayloadError: It is no time between 1970 and 2262.
    """
    if not text.isdigit() or len(text) > len(str(_MAX_SECONDS)) or not 0 < int(text) < _MAX_SECONDS:
        raise MalformedPayloadError("the timestamp is no number of seconds since 1970")
    return int(text) * SECOND


def _read_sections(sections: list[bytes]) -> tuple[float, Tags, str, int]:
    weight, tags, container_id, time_ns = 1.0, b"", "", 0
    for section in sections:
        if section.startswith(b"@"):
            weight = _read_weight(section[1:])
        elif section.startswith(b"#"):
            tags += b"," + section[1:]
        elif section.startswith(b"T"):
            time_ns = read_seconds(section[1:])
        elif section.startswith(b"c:ci-"):
            container_id = _CONTROL.sub("_", section[5:].decode("utf-8", "replace"))[:MAX_NAME]
    return weight, read_tags(tags) if tags else (), container_id, time_ns


def _read_weight(text: bytes) -> float:
    try:
        rate = float(text)
    except ValueError:
        rate = 0.0
    if not _MIN_RATE <= rate <= 1:
        raise MalformedPayloadError(f"the sample rate is not between {_MIN_RATE:g} and 1")
    return 1 / rate


def _read_number(text: bytes) -> float:
    try:
        return number(text)
    except ValueError:
        raise MalformedPayloadError("the value is no finite number") from None


def _read_name(text: bytes) -> str:
    name = _NOT_IN_A_NAME.sub("_", _BEFORE_A_NAME.sub("", text.decode("utf-8", "replace")))
    if not name:
        raise MalformedPayloadError("the name has no letter")
    return name[:MAX_NAME]
