"""A filter expression, read: what is asked of the spans of one trace."""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, TypeAlias, Union

from taskscope.query.rules.cause import Cause


class Keyword(StrEnum):
    """What can be asked for by name; ``query.search.keywords`` says of each what it looks at."""

    OK = "ok"
    ERROR = "error"
    THROTTLE = "throttle"
    FAULT = "fault"
    PARTIAL = "partial"
    INFERRED = "inferred"
    FIRST = "first"
    LAST = "last"
    REMOTE = "remote"
    ROOT = "root"
    RESPONSE_TIME = "responsetime"
    DURATION = "duration"
    HTTP_STATUS = "http.status"
    INDEX = "index"
    COVERAGE = "coverage"
    HTTP_URL = "http.url"
    HTTP_METHOD = "http.method"
    HTTP_USER_AGENT = "http.useragent"
    HTTP_CLIENT_IP = "http.clientip"
    USER = "user"
    NAME = "name"
    TYPE = "type"
    MESSAGE = "message"
    AVAILABILITY_ZONE = "availabilityzone"
    INSTANCE_ID = "instance.id"
    RESOURCE_ARN = "resource.arn"


class Operator(StrEnum):
    """How a value is compared. ``!=`` says that no value is equal, so that it holds where there is none."""

    EQ = "="
    NE = "!="
    LT = "<"
    LE = "<="
    GT = ">"
    GE = ">="
    CONTAINS = "CONTAINS"
    BEGINS_WITH = "BEGINSWITH"
    ENDS_WITH = "ENDSWITH"


class Part(StrEnum):
    """What a list of root causes lists."""

    SERVICE = "service"
    ENTITY = "entity"
    EXCEPTION = "exception"


@dataclass(frozen=True, slots=True)
class Annotation:
    """The value under a key, of any span."""

    key: str


Subject: TypeAlias = Keyword | Annotation
Value: TypeAlias = str | float | bool

_POSITION: Final = -1


@dataclass(frozen=True, slots=True)
class Everything:
    """The empty expression."""


@dataclass(frozen=True, slots=True)
class All:
    """Holds where every part does."""

    parts: tuple["Expression", ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """Holds where a part does."""

    parts: tuple["Expression", ...]


@dataclass(frozen=True, slots=True)
class Not:
    """Holds where its part does not."""

    part: "Expression"


@dataclass(frozen=True, slots=True)
class Flag:
    """A keyword that is true or false."""

    keyword: Keyword
    position: int = field(default=_POSITION, compare=False)
    """In the text of the expression, for errors."""


@dataclass(frozen=True, slots=True)
class IsSet:
    """Holds where there is a value."""

    subject: Subject
    position: int = field(default=_POSITION, compare=False)


@dataclass(frozen=True, slots=True)
class Compare:
    """A value beside a literal: a number is compared as a number, times in seconds, a text as a text."""

    subject: Subject
    operator: Operator
    value: Value
    position: int = field(default=_POSITION, compare=False)


@dataclass(frozen=True, slots=True)
class Selector:
    """Which nodes are meant; what is None is not asked for."""

    name: str | None = None
    type: str | None = None
    account: str | None = None


@dataclass(frozen=True, slots=True)
class Service:
    """A node of the trace; any one where nothing is selected."""

    selector: Selector = field(default_factory=Selector)
    inside: "Expression | None" = None
    """What is asked of one of its spans; None if it need only be there."""
    position: int = field(default=_POSITION, compare=False)


@dataclass(frozen=True, slots=True)
class Edge:
    """A call from one node to another."""

    source: Selector
    target: Selector
    inside: "Expression | None" = None
    position: int = field(default=_POSITION, compare=False)


@dataclass(frozen=True, slots=True)
class RootCause:
    """An element of a list of root causes."""

    cause: Cause
    part: Part
    inside: "Expression | None" = None
    position: int = field(default=_POSITION, compare=False)


@dataclass(frozen=True, slots=True)
class InGroup:
    """What the expression of a group asks, by the group's name."""

    name: str
    position: int = field(default=_POSITION, compare=False)


Leaf: TypeAlias = Everything | Flag | IsSet | Compare | Service | Edge | RootCause | InGroup
Expression: TypeAlias = Union[All, AnyOf, Not, Leaf]  # noqa: UP007 (a name in quotes has no |)


def replace_leaves(expression: Expression, by: Callable[[Leaf], Expression]) -> Expression:
    """Put something in the place of each leaf; braces stay closed."""
    match expression:
        case All(parts):
            return All(tuple(replace_leaves(part, by) for part in parts))
        case AnyOf(parts):
            return AnyOf(tuple(replace_leaves(part, by) for part in parts))
        case Not(part):
            return Not(replace_leaves(part, by))
        case leaf:
            return by(leaf)


def leaves(expression: Expression) -> tuple[Leaf, ...]:
    """Return the leaves, in order; braces stay closed."""
    match expression:
        case All(parts) | AnyOf(parts):
            return tuple(leaf for part in parts for leaf in leaves(part))
        case Not(part):
            return leaves(part)
        case leaf:
            return (leaf,)
