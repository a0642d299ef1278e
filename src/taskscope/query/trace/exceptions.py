"""Exceptions of a span: its events named ``exception``, as OpenTelemetry writes them and as X-Ray's are read."""

from typing import Final

from taskscope.model.attributes import Attributes
from taskscope.model.span import Span
from taskscope.model.trace import ExceptionView
from taskscope.query.rules.attributes import first_of

_EXCEPTION: Final = "exception"


def exceptions_of(span: Span) -> tuple[ExceptionView, ...]:
    """Return the exceptions in the order of the events."""
    if not span.events:
        return ()
    return tuple(_view(event.attributes, event.time_ns) for event in span.events if event.name == _EXCEPTION)


def _view(attributes: Attributes, time_ns: int) -> ExceptionView:
    return ExceptionView(
        first_of(attributes, "exception.type"),
        first_of(attributes, "exception.message"),
        first_of(attributes, "exception.stacktrace"),
        time_ns,
    )
