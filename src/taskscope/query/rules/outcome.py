"""How a span went, in X-Ray's sense."""

import re
from typing import Final

from taskscope.model.span import Span, Status
from taskscope.model.trace import Outcome
from taskscope.query.rules.attributes import attribute

_THROTTLED: Final = 429
_LARGEST_STATUS: Final = 65_535
_NUMBER: Final = re.compile(r"\+?[0-9]{1,9}")
"""What the store's ``toUInt16OrZero`` reads."""
OUTCOMES: Final = (Outcome.OK, Outcome.ERROR, Outcome.THROTTLE, Outcome.FAULT)
"""By the numbers that ``outcome.sql`` gives them."""


def http_status(span: Span) -> int:
    """Return the HTTP status; 0 where there is none, or no number."""
    text = attribute(span, "http.response.status_code", "http.status_code")
    number = int(text) if _NUMBER.fullmatch(text) else 0
    return number if number <= _LARGEST_STATUS else 0


def outcome(span: Span) -> Outcome:
    """
    Say how a span went.

    A fault is 5xx, or what an X-Ray document calls so, or a failed span whose HTTP status is no caller's fault; a
    throttle is 429; an error another 4xx. Fault wins over throttle, throttle over error.
    """
    status = http_status(span)
    throttle = status == _THROTTLED or attribute(span, "aws.xray.throttle") == "true"
    error = 400 <= status <= 499 or throttle or attribute(span, "aws.xray.error") == "true"  # noqa: PLR2004 (4xx)
    failed = span.status == Status.ERROR and not error
    if 500 <= status <= 599 or attribute(span, "aws.xray.fault") == "true" or failed:  # noqa: PLR2004 (5xx)
        return Outcome.FAULT
    if throttle:
        return Outcome.THROTTLE
    return Outcome.ERROR if error else Outcome.OK
