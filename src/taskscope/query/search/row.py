"""What filter expressions ask of one span, as SQL over a row of ``source``: the twin of ``span_facts``."""

from collections.abc import Mapping, Sequence
from typing import Final

from taskscope.query.rules.attributes import ANNOTATION_PREFIX
from taskscope.query.rules.cause import Cause
from taskscope.query.search.ast import Annotation, Keyword, Operator, Selector, Subject, Value
from taskscope.query.search.parameters import Parameters
from taskscope.query.search.span_facts import ACCOUNT, ARNS, CALLED_ACCOUNT, INSTANCE, TRACED, ZONE

INFERS: Final = f"(CalledName != '' AND SpanAttributes['{TRACED}'] != 'true')"
_NAME: Final = "if(CalledName != '', CalledName, NodeName)"
_TYPE: Final = "if(CalledName != '', CalledType, NodeType)"
NODE: Final = (_NAME, _TYPE)
"""Name and type of the node that a span tells of: of a call the called one."""
SENDER: Final = "if(IsInside AND ServiceName = 'unknown_service', ('', ''), (NodeName, NodeType))"
"""The node that sent a span; a subsegment sent alone does not say."""
ENTERS_UNDER: Final = "(IsEntry AND HasParent)"
EXCEPTIONS: Final = (
    "arrayMap(each -> (each.1['exception.type'], each.1['exception.message']), arrayFilter("
    "each -> each.2 = 'exception', arrayZip(`Events.Attributes`, `Events.Name`)))"
)
"""Pairs of type and message."""
_ABOUT_NUMBERS: Final = "^-?[0-9]{1,300}(\\\\.[0-9]+)?([eE][+-]?[0-9]{1,2})?$"
FLAGS: Final[Mapping[Keyword, str]] = {
    Keyword.OK: "Outcome = 0",
    Keyword.ERROR: "Outcome IN (1, 2)",
    Keyword.THROTTLE: "Outcome = 2",
    Keyword.FAULT: "Outcome = 3",
    Keyword.PARTIAL: "InProgress = 1",
    Keyword.REMOTE: "IsCall",
}
CAUSES: Final[Mapping[Cause, str]] = {
    Cause.FAULT: FLAGS[Keyword.FAULT],
    Cause.ERROR: FLAGS[Keyword.ERROR],
    Cause.RESPONSE_TIME: "1",
}


def _of_resource(*names: str) -> str:
    found = ", ".join(f"simpleJSONExtractString(Resource, '{name}')" for name in names)
    return f"firstNonDefault({found})" if len(names) > 1 else found


ARN: Final = _of_resource(*ARNS)
INSTANCE_ID: Final = _of_resource(INSTANCE)
ZONE_NAME: Final = _of_resource(ZONE)
_TEXTS: Final[Mapping[Keyword, Sequence[str]]] = {
    Keyword.NAME: (_NAME, "SpanName"),
    Keyword.TYPE: (_TYPE,),
    Keyword.USER: ("User",),
    Keyword.RESOURCE_ARN: (ARN,),
    Keyword.INSTANCE_ID: (INSTANCE_ID,),
    Keyword.AVAILABILITY_ZONE: (ZONE_NAME,),
    Keyword.HTTP_URL: ("HttpUrl",),
    Keyword.HTTP_METHOD: ("HttpMethod",),
    Keyword.HTTP_USER_AGENT: ("UserAgent",),
    Keyword.HTTP_CLIENT_IP: ("ClientIp",),
    Keyword.MESSAGE: ("StatusMessage",),
}
"""Expressions of the texts of a span; messages of exceptions are asked besides."""
OF_ROOT_NODE: Final[Mapping[Subject, Sequence[str]]] = {
    Keyword.NAME: ("NodeName", "SpanName"),
    Keyword.TYPE: ("NodeType",),
}
"""Of these a span that is a call says what it called, but a trace's root who it is."""
_WITHIN: Final[Mapping[Operator, str]] = {
    Operator.CONTAINS: "position({there}, {value}) > 0",
    Operator.BEGINS_WITH: "startsWith({there}, {value})",
    Operator.ENDS_WITH: "endsWith({there}, {value})",
}


class Rows:
    """Makes conditions on one row; their literals become parameters."""

    def __init__(self, parameters: Parameters) -> None:
        self._parameters = parameters

    def texts(self, subject: Subject) -> Sequence[str]:
        """Return the expressions of a span's texts; empty ones stand for none."""
        if isinstance(subject, Annotation):
            keys = (subject.key, ANNOTATION_PREFIX + subject.key)
            return [f"SpanAttributes[{self._parameters.text(key)}]" for key in keys]
        return _TEXTS[subject]

    def compare(self, subject: Subject, sign: Operator, value: Value) -> str:
        """Compare what a row has; ``!=`` is the caller's to turn round: here it is ``=``."""
        if subject in (Keyword.DURATION, Keyword.RESPONSE_TIME):
            return self.number("Duration", sign, round(float(value) * 1e9))
        if subject is Keyword.HTTP_STATUS:
            return f"(HttpStatus != 0 AND {self.number('HttpStatus', sign, float(value))})"
        found = [self.text(there, sign, value) for there in self.texts(subject)]
        if subject is Keyword.MESSAGE:
            found.append(f"arrayExists(pair -> {self.text('pair.2', sign, value)}, {EXCEPTIONS})")
        return f"({' OR '.join(found)})"

    def is_set(self, subject: Subject) -> str:
        """Ask whether a row has a value."""
        if subject in (Keyword.DURATION, Keyword.RESPONSE_TIME):
            return "Duration != 0"
        if subject is Keyword.HTTP_STATUS:
            return "HttpStatus != 0"
        found = [f"{there} != ''" for there in self.texts(subject)]
        if subject is Keyword.MESSAGE:
            found.append(f"arrayExists(pair -> pair.2 != '', {EXCEPTIONS})")
        return f"({' OR '.join(found)})"

    def text(self, there: str, sign: Operator, value: Value) -> str:
        """Compare a text with a literal: with a number as a number, if it reads as one."""
        if isinstance(value, bool):
            return f"{there} = '{'true' if value else 'false'}'"
        if not isinstance(value, str):
            number = self.number(f"toFloat64OrZero({there})", sign, value)
            return f"(match({there}, '{_ABOUT_NUMBERS}') AND {number})"
        if sign in _WITHIN:
            within = _WITHIN[sign].format(there=there, value=self._parameters.text(value))
            return f"({there} != '' AND {within})"
        return f"({there} = {self._parameters.text(value)})" if value else "0"

    def number(self, there: str, sign: Operator, value: float) -> str:
        """Compare a number with a literal."""
        return f"{there} {'=' if sign is Operator.NE else sign} {self._parameters.number(value)}"

    def own(self, selector: Selector) -> str:
        """Ask whether a row was sent by a node that is meant."""
        parts = []
        if selector.name is not None:
            name = self._parameters.text(selector.name)
            # Not the rule, which turns an empty name into a word: so the sort key is used.
            parts.append(f"(ServiceName = {name} OR (ServiceName = '' AND {name} = 'unknown_service'))")
        if selector.type is not None:
            parts.append(f"NodeType = {self._parameters.text(selector.type)}")
        if selector.account is not None:
            parts.append(f"{_of_resource(ACCOUNT)} = {self._parameters.text(selector.account)}")
        return f"({' AND '.join(parts) or '1'})"

    def called(self, selector: Selector) -> str:
        """Ask whether a row calls a node that is meant."""
        parts = ["CalledName != ''"]
        if selector.name is not None:
            parts.append(f"CalledName = {self._parameters.text(selector.name)}")
        if selector.type is not None:
            parts.append(f"CalledType = {self._parameters.text(selector.type)}")
        if selector.account is not None:
            account = f"firstNonDefault(SpanAttributes['{CALLED_ACCOUNT}'], {_of_resource(ACCOUNT)})"
            parts.append(f"{account} = {self._parameters.text(selector.account)}")
        return f"({' AND '.join(parts)})"
