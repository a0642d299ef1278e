"""Log records."""

from typing import NamedTuple

from taskscope.model.attributes import Attributes, AttributeValue
from taskscope.model.resource import NO_SCOPE, Resource, Scope


class LogRecord(NamedTuple):
    """One log entry."""

    time_ns: int
    """When it happened; where the sender does not say, when it was observed or received."""
    body: AttributeValue
    attributes: Attributes
    resource: Resource
    scope: Scope = NO_SCOPE
    severity_number: int = 0
    """1 to 24, 0 where the sender does not say."""
    severity_text: str = ""
    trace_id: bytes = b""
    span_id: bytes = b""
    flags: int = 0
    event_name: str = ""
    observed_ns: int = 0
