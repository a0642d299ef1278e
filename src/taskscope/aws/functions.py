"""Lambda: what there is of functions."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from taskscope.aws.failures import named
from taskscope.aws.session import Account


class FunctionLog(NamedTuple):
    """A function and where it logs."""

    name: str
    group: str
    """``/aws/lambda/NAME``, unless its logging configuration names another, which functions may share."""


class Functions:
    """Lambda of one region. Every method may raise a ``TaskscopeError`` of ``aws.failures``."""

    def __init__(self, account: Account, *, region: str | None = None) -> None:
        self._account = account
        self._region = region

    @property
    def _client(self) -> Any:
        return self._account.client("lambda", region=self._region)

    def log(self, name: str) -> FunctionLog:
        """Return the log of a function, named by name or ARN (GetFunctionConfiguration)."""
        with named(f"describe function {name}", service="lambda"):
            answer = self._client.get_function_configuration(FunctionName=name)
        found = answer["FunctionName"]
        return FunctionLog(found, answer.get("LoggingConfig", {}).get("LogGroup") or default_group(found))

    def names(self) -> Iterator[str]:
        """Yield the names of all functions (ListFunctions, every page)."""
        with named("list the functions", service="lambda"):
            for page in self._client.get_paginator("list_functions").paginate():
                yield from (each["FunctionName"] for each in page["Functions"])


def default_group(name: str) -> str:
    """Return the log group of a function that names none."""
    return f"/aws/lambda/{name}"
