"""Which spans of a trace are causes: of its failure, or of its time."""

from collections.abc import Collection, Mapping
from enum import StrEnum
from typing import Final

from taskscope.model.span import Span
from taskscope.model.trace import Outcome
from taskscope.query.rules.outcome import outcome


class Cause(StrEnum):
    """Of what a root cause is asked for."""

    FAULT = "fault"
    ERROR = "error"
    RESPONSE_TIME = "responsetime"


_OUTCOMES: Final[Mapping[Cause, Collection[Outcome]]] = {
    Cause.FAULT: (Outcome.FAULT,),
    Cause.ERROR: (Outcome.ERROR, Outcome.THROTTLE),
}


def is_cause(cause: Cause, span: Span, root: Span) -> bool:
    """
    Whether a span is a cause in its trace, whose root is given: a fault; an error or a throttle; or one that took at
    least half of the root's time, which of spans one after the other can only be a chain.
    """
    if cause is Cause.RESPONSE_TIME:
        return 2 * max(0, span.end_ns - span.start_ns) >= max(0, root.end_ns - root.start_ns)
    return outcome(span) in _OUTCOMES[cause]
