"""What a text names: traces in both spellings, and Lambda requests."""

import re
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from taskscope.model.attributes import Attributes
from taskscope.model.ids import trace_id_from_xray

REQUEST_ATTRIBUTES: Final = ("faas.invocation_id", "faas.execution", "aws.request_id", "aws.requestId")
"""Of spans: OpenTelemetry's present and former name of an invocation, and what X-Ray calls ``aws.request_id``."""
LOG_REQUEST_ATTRIBUTES: Final = (
    "faas.invocation_id", "requestId", "request_id", "AWSRequestId", "aws_request_id", "function_request_id",
)  # fmt: skip
"""Of log records: Lambda's JSON format, Python's and Node's loggers, Powertools."""
_XRAY: Final = re.compile(r"(?<![0-9A-Za-z])1-[0-9a-f]{8}-[0-9a-f]{24}(?![0-9A-Za-z])", re.IGNORECASE)
_PLAIN: Final = re.compile(r"(?<![0-9A-Za-z])[0-9a-f]{32}(?![0-9A-Za-z])", re.IGNORECASE)
_REQUEST: Final = re.compile(r"(?<![0-9A-Za-z])[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?![0-9A-Za-z])")
"""A UUID, as Lambda's request ids are. Other services' ids are longer, and name no log."""
_MOST: Final = 100


class Mentions(NamedTuple):
    """Ids in the order of their appearance, each once, lowercase."""

    traces: Sequence[str]
    """Written as X-Ray does, so that they can be nothing else; here as 32 digits."""
    digits: Sequence[str]
    """32 hexadecimal digits: a trace's id, or a hash."""
    requests: Sequence[str]


def mentions(texts: Iterable[str]) -> Mentions:
    """Find what texts name; of each kind at most a hundred."""
    whole = "\n".join(texts)
    return Mentions(
        _distinct(trace_id_from_xray(each.lower()).hex() for each in _XRAY.findall(whole)),
        _distinct(each.lower() for each in _PLAIN.findall(whole)),
        _distinct(_REQUEST.findall(whole)),
    )


def request_ids(attributes: Attributes) -> Sequence[str]:
    """Return the Lambda requests that a span names."""
    values = (str(attributes.get(name, "")) for name in REQUEST_ATTRIBUTES)
    return _distinct(value for value in values if _REQUEST.fullmatch(value))


def _distinct(values: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(values))[:_MOST]
