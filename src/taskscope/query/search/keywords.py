"""
The keywords: of which kind each is, and where it may stand.

===================== ============================== =========================================== ====================
Keyword               Of a trace                     In braces of service and edge               Of a root cause
===================== ============================== =========================================== ====================
ok                    the root went well             the span went well                          its span's
error                 the root's 4xx, throttles too  the span's                                  its span's
throttle              the root's 429                 the span's                                  its span's
fault                 the root's 5xx or failure      the span's                                  its span's
partial               a span is in progress          the span is in progress                     its span's
inferred              a call has no answering span   the span is such a call                     its span's
remote                a span is a call               the span is a call                          its span's
root                  the root names no parent       the span is the trace's root                its span's
first, last           refused                        refused                                     place in the list
index                 refused                        refused                                     place, from 0
coverage              refused                        duration / the root's                       its span's
responsetime          the root's duration            the span's duration                         its span's
duration              first start to last end        the span's duration                         its span's
http.*                the root's                     the span's                                  its span's
name                  the root's node's and its own  the node's (called, of a call) and its own  or exception's type
type                  of the root's node             of the node (called, of a call)             or exception's type
message               any exception's or status's    the span's exceptions' and status's         or the exception's
user, annotation      any span's                     the span's                                  its span's
availabilityzone      any span's                     the span's                                  its span's
instance.id           any span's                     the span's                                  its span's
resource.arn          any span's                     the span's                                  its span's
===================== ============================== =========================================== ====================

What is asked: a trace's spans, those in progress too unless completed. The **root** is ``model.trace.TraceSummary``'s.
A value that is not there satisfies no operator but ``!=``; of several values one need satisfy it, and ``!=`` says that
none is equal. ``annotation.KEY`` is any attribute of that key, since OpenTelemetry has no annotations; X-Ray's
annotations have the same place.

``service(x) {…}``: a span of x that is no call, or one that enters x; or a call whose called node is x. Without braces
any span of x counts. ``edge(a, b) {…}``: a call by a that b answers with an entering span, or whose called node is b;
or a span that enters b directly under a span of a that is no call, as Lambda's two nodes do.

``rootcause.fault.entity`` lists the spans that are faults, by start: the outermost first, the one that it came from
last; ``error`` likewise; ``responsetime`` lists the spans that took at least half of the root's time, which of spans
one after the other can only be a chain. ``…service`` lists the nodes of these spans, each by its first span;
``…exception`` their exceptions.
"""

from collections.abc import Mapping
from enum import Enum
from typing import Final

from taskscope.query.search.ast import Keyword


class Kind(Enum):
    """Which operators and values a keyword takes."""

    FLAG = "true or false"
    NUMBER = "a number"
    TIME = "a number of seconds"
    TEXT = "a text"


_FLAGS: Final = (
    Keyword.OK, Keyword.ERROR, Keyword.THROTTLE, Keyword.FAULT, Keyword.PARTIAL, Keyword.INFERRED, Keyword.FIRST,
    Keyword.LAST, Keyword.REMOTE, Keyword.ROOT,
)  # fmt: skip
_NUMBERS: Final = (Keyword.HTTP_STATUS, Keyword.INDEX, Keyword.COVERAGE)
_TIMES: Final = (Keyword.RESPONSE_TIME, Keyword.DURATION)
_KINDS: Final[Mapping[Keyword, Kind]] = {
    **dict.fromkeys(_FLAGS, Kind.FLAG),
    **dict.fromkeys(_NUMBERS, Kind.NUMBER),
    **dict.fromkeys(_TIMES, Kind.TIME),
}

LISTED: Final = frozenset((Keyword.FIRST, Keyword.LAST, Keyword.INDEX))
"""Have a meaning in a list only, which root causes are."""
NOT_OF_TRACES: Final = LISTED | {Keyword.COVERAGE}

MEANT: Final[Mapping[str, str]] = {
    "annotation": "annotation.KEY or annotation[KEY]",
    "client_ip": "http.clientip",
    "edge": 'edge("a", "b")',
    "group": 'group.name = "…"',
    "latency": "responsetime",
    "method": "http.method",
    "not": "!",
    "rootcause": "rootcause.fault.service { … }",
    "service": 'service("…")',
    "status": "http.status",
    "url": "http.url",
    "user_agent": "http.useragent",
}
"""What is likely meant by words that are no keywords."""


def kind_of(keyword: Keyword) -> Kind:
    """Return the kind of a keyword."""
    return _KINDS.get(keyword, Kind.TEXT)
