"""What filter expressions ask of one span: the plain meaning that SQL is held to."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from taskscope.model.service_map import NodeKey
from taskscope.model.span import Span
from taskscope.query.rules.attributes import ANNOTATION_PREFIX, attribute, first_of
from taskscope.query.rules.called import called_node
from taskscope.query.rules.http import http_exchange, user_of
from taskscope.query.rules.node import service_node
from taskscope.query.search.ast import Annotation, Keyword, Selector, Subject

ZONE: Final = "cloud.availability_zone"
INSTANCE: Final = "host.id"
ACCOUNT: Final = "cloud.account.id"
TRACED: Final = "aws.xray.traced"
CALLED_ACCOUNT: Final = "aws.account_id"
ARNS: Final = ("aws.xray.resource_arn", "cloud.resource_id", "aws.ecs.task.arn")


def duration_ns(span: Span) -> int:
    """Return how long a span took; 0 while it is in progress."""
    return max(0, span.end_ns - span.start_ns)


def called(span: Span) -> NodeKey | None:
    """Return the node that a span calls, if it has a name."""
    node = called_node(span)
    return node if node and node.name else None


def infers(span: Span) -> bool:
    """Whether a span calls a node that is inferred unless it answers; one that says it sends spans itself is not."""
    return called(span) is not None and attribute(span, TRACED) != "true"


def node_of(span: Span) -> NodeKey:
    """Return the node that a span tells of: of a call the called one."""
    return called(span) or service_node(span.resource)


def is_own(selector: Selector, span: Span) -> bool:
    """Whether a span was sent by a node that is meant."""
    return _fits(selector, service_node(span.resource), first_of(span.resource.attributes, ACCOUNT))


def is_called(selector: Selector, span: Span) -> bool:
    """Whether a span calls a node that is meant; its account is the caller's unless the call says so."""
    node = called(span)
    account = attribute(span, CALLED_ACCOUNT) or first_of(span.resource.attributes, ACCOUNT)
    return node is not None and _fits(selector, node, account)


def _fits(selector: Selector, node: NodeKey, account: str) -> bool:
    wanted = (selector.name, selector.type, selector.account)
    return all(each in (None, there) for each, there in zip(wanted, (*node, account), strict=True))


def exceptions(span: Span) -> Sequence[tuple[str, str]]:
    """Return type and message of each exception of a span, in the order of its events."""
    return [
        (first_of(event.attributes, "exception.type"), first_of(event.attributes, "exception.message"))
        for event in span.events
        if event.name == "exception"
    ]


def texts(subject: Subject, span: Span) -> Sequence[str]:
    """Return the texts that a span has for a keyword; empty ones stand for none."""
    if isinstance(subject, Annotation):
        return [attribute(span, subject.key), attribute(span, ANNOTATION_PREFIX + subject.key)]
    return _TEXTS[subject](span)


_TEXTS: Final[Mapping[Keyword, Callable[[Span], Sequence[str]]]] = {
    Keyword.NAME: lambda span: [node_of(span).name, span.name],
    Keyword.TYPE: lambda span: [node_of(span).type],
    Keyword.MESSAGE: lambda span: [span.status_message, *(message for _, message in exceptions(span))],
    Keyword.USER: lambda span: [user_of(span)],
    Keyword.RESOURCE_ARN: lambda span: [first_of(span.resource.attributes, *ARNS)],
    Keyword.INSTANCE_ID: lambda span: [first_of(span.resource.attributes, INSTANCE)],
    Keyword.AVAILABILITY_ZONE: lambda span: [first_of(span.resource.attributes, ZONE)],
    Keyword.HTTP_URL: lambda span: [http_exchange(span).url],
    Keyword.HTTP_METHOD: lambda span: [http_exchange(span).method],
    Keyword.HTTP_USER_AGENT: lambda span: [http_exchange(span).user_agent],
    Keyword.HTTP_CLIENT_IP: lambda span: [http_exchange(span).client_ip],
}
