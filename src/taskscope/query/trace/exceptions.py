"""
Exceptions of a span: its events named ``exception``, as OpenTelemetry writes them and as X-Ray's are read.

The ``cause`` of an X-Ray (sub)segment may be the id of an exception that another one of the trace recorded: an error on
its way up is told of once.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Final

from taskscope.model.attributes import Attributes
from taskscope.model.span import Span
from taskscope.model.trace import ExceptionView
from taskscope.query.rules.attributes import CAUSE, attribute, first_of

_EXCEPTION: Final = "exception"
_ID: Final = "aws.xray.exception.id"


def exceptions_of(span: Span, recorded: Mapping[str, ExceptionView] | None = None) -> tuple[ExceptionView, ...]:
    """
    Return the exceptions in the order of the events, then the one that the cause points to.

    ``recorded`` are those of ``recorded_exceptions``. One that is not there has no type, and a message that says so.
    """
    own = own_exceptions(span)
    cause = attribute(span, CAUSE)
    if not cause:
        return own
    missing = ExceptionView("", f"exception {cause} of another span, which is not there")
    return (*own, (recorded or {}).get(cause, missing))


def own_exceptions(span: Span) -> tuple[ExceptionView, ...]:
    """Return the exceptions that a span recorded itself, in the order of the events."""
    if not span.events:
        return ()
    return tuple(_view(event.attributes, event.time_ns) for event in span.events if event.name == _EXCEPTION)


def recorded_exceptions(spans: Iterable[Span]) -> dict[str, ExceptionView]:
    """Return the exceptions of a trace that a cause may point to, by their ids."""
    return {
        exception_id: replace(_view(event.attributes, event.time_ns), recorded_in=span.span_id.hex())
        for span in spans
        for event in span.events
        if event.name == _EXCEPTION and (exception_id := first_of(event.attributes, _ID))
    }


def _view(attributes: Attributes, time_ns: int) -> ExceptionView:
    return ExceptionView(
        first_of(attributes, "exception.type"),
        first_of(attributes, "exception.message"),
        first_of(attributes, "exception.stacktrace"),
        time_ns,
    )
