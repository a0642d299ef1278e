"""What the gateway asks of a service: one callable for each API operation."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias

Document: TypeAlias = dict[str, Any]
"""
Members of an AWS API shape under the names of botocore's model; timestamps are aware datetimes
(the ``logs`` service's epoch milliseconds are integers, as in its model).
"""


@dataclass(frozen=True, slots=True)
class Call:
    """One decoded and validated API call: who asks for what, where."""

    service: str
    operation: str
    params: Document
    region: str
    account: str
    host: str
    """The ``Host`` header, for answers that carry an address of the gateway."""


@dataclass(frozen=True, slots=True)
class EventStream:
    """The answer of an operation whose output is an event stream: pairs of event type and payload."""

    events: AsyncIterator[tuple[str, Document]]


class ApiError(Exception):
    """An error that the service's model names, as AWS words it; the client gets its typed exception."""

    def __init__(self, code: str, message: str, *, status: int = 400) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.status = status


Answer: TypeAlias = Document | EventStream
Operation: TypeAlias = Callable[[Call], Answer | Awaitable[Answer]]


class Service(Protocol):
    """One AWS service that the lab answers itself."""

    @property
    def name(self) -> str:
        """botocore's name of the service, such as ``ecs``."""
        ...

    @property
    def whole(self) -> bool:
        """
        Whether the lab owns the whole service: then what it does not implement is refused, because two stores for one
        service never agree. Otherwise (as of ``lambda``) the fallback answers the rest.
        """
        ...

    @property
    def operations(self) -> Mapping[str, Operation]:
        """Each operation that is implemented, by its name in the model, such as ``ListTasks``."""
        ...
