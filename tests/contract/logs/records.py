"""Log records for tests."""

from collections.abc import Mapping
from typing import Final

from taskscope.model.attributes import AttributeValue
from taskscope.model.log import LogRecord
from taskscope.model.resource import Resource
from taskscope.model.window import Window

START: Final = 1_790_000_000_000_000_000
"""2026-09-21 14:13:20 UTC."""
SECOND: Final = 1_000_000_000
HOUR: Final = Window(START, START + 3_600 * SECOND)
MINUTES: Final = Window(START, START + 600 * SECOND)
TASK: Final = "arn:aws:ecs:eu-west-1:123456789012:task/shop/0123456789abcdef0123456789abcdef"
WEB: Final = Resource(
    {
        "service.name": "web",
        "container.name": "web",
        "aws.ecs.task.arn": TASK,
        "aws.log.group.names": ["/ecs/web"],
        "aws.log.stream.names": ["web/web/0123456789abcdef0123456789abcdef"],
    }
)
PLAIN: Final = Resource({"service.name": "worker"})


def record(
    body: AttributeValue,
    at: float = 0,
    *,
    resource: Resource = PLAIN,
    level: int = 0,
    attributes: Mapping[str, AttributeValue] | None = None,
    trace_id: bytes = b"",
    span_id: bytes = b"",
    severity_text: str = "",
) -> LogRecord:
    """Return a record, so many seconds after the start."""
    return LogRecord(
        START + round(at * SECOND),
        body,
        attributes or {},
        resource,
        severity_number=level,
        severity_text=severity_text,
        trace_id=trace_id,
        span_id=span_id,
    )
