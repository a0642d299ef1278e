"""A function, a request to run it, and how that ended."""

from dataclasses import dataclass, field
from typing import Final

FAULT_TIMEOUT: Final = "Sandbox.Timedout"
FAULT_EXIT: Final = "Runtime.ExitError"
FAULT_TOO_LARGE: Final = "Function.ResponseSizeTooLarge"
SYNC_LIMIT_BYTES: Final = 6 * 1024 * 1024  # a request, and a response
ASYNC_LIMIT_BYTES: Final = 1024 * 1024  # an asynchronous request; 256 KiB until October 2025


@dataclass(frozen=True, slots=True)
class Function:
    """One version of a function as Lambda keeps it: what it is, and how it is to run."""

    account: str
    region: str
    name: str
    version: str
    """``$LATEST`` or a number."""
    handler: str
    runtime: str
    code: bytes = field(repr=False)
    revision: str
    """Changes with code and configuration: an execution environment of another revision is stale."""
    layers: tuple[bytes, ...] = field(default=(), repr=False)
    variables: dict[str, str] = field(default_factory=dict, repr=False)
    timeout_seconds: int = 3
    memory_mib: int = 128

    @property
    def arn(self) -> str:
        """The function's ARN, without a qualifier."""
        return f"arn:aws:lambda:{self.region}:{self.account}:function:{self.name}"

    @property
    def group(self) -> str:
        """Its log group."""
        return f"/aws/lambda/{self.name}"


@dataclass(frozen=True, slots=True)
class Request:
    """One invocation: its id, its payload (JSON) and what the caller says about himself."""

    request_id: str
    payload: bytes
    client_context: str | None = None
    """JSON."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an invocation ended: the answer, and the name of the fault if it failed."""

    payload: bytes
    fault: str | None = None
    """The error's type, such as ``Sandbox.Timedout`` or the name of an exception."""
    log: str = ""
    """The log lines of this invocation."""
