"""A shop of two services, as spans."""

from typing import Final

from taskscope.clock import SECOND
from taskscope.model.resource import Resource
from taskscope.model.span import Span

START: Final = 1_790_000_040 * SECOND
"""2026-09-21 14:14:00 UTC."""
_FARGATE: Final = {
    "service.name": "pay", "cloud.platform": "aws_ecs", "aws.ecs.launchtype": "fargate", "cloud.account.id": "7",
}  # fmt: skip


def request(number: int, base_ns: int = START) -> list[Span]:
    """Return the spans of a request to web, which calls pay: one each 30 seconds, each third of them fails."""
    start = base_ns + number * 30 * SECOND
    trace, first = (base_ns + number + 1).to_bytes(16), number * 3 + 1
    ids = [(first + each).to_bytes(8) for each in range(3)]
    status = {"http.response.status_code": "500" if number % 3 == 0 else "200"}
    web, pay = Resource({"service.name": "web"}), Resource(_FARGATE)
    return [
        Span(trace, ids[0], b"", "GET /", 2, start, start + 4_000_000, status, web),
        Span(trace, ids[1], ids[0], "POST pay", 3, start, start + 3_000_000, status, web),
        Span(trace, ids[2], ids[1], "POST /pay", 2, start, start + 2_000_000, status, pay),
    ]
