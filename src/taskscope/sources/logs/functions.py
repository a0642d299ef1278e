"""The log groups of Lambda functions: by name, ARN, or as a CloudFormation stack has them."""

import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from taskscope.aws.functions import FunctionLog, Functions, default_group
from taskscope.aws.log_search import LogSearch
from taskscope.aws.stacks import Stacks
from taskscope.errors import DeniedError, NotFoundError, TaskscopeError
from taskscope.sources.logs.groups import live_arn, similar
from taskscope.sources.logs.place import LogPlace

if TYPE_CHECKING:
    from concurrent.futures import Executor

_FUNCTION: Final = "AWS::Lambda::Function"
_STACK: Final = "AWS::CloudFormation::Stack"
_ARN: Final = re.compile(r"arn:[\w-]+:lambda:[\w-]+:\d*:function:(?P<name>[\w-]+)(?::[\w$-]+)?")
_MISSING_STACK: Final = "does not exist"
"""CloudFormation says so in a ValidationError."""


@dataclass(frozen=True, slots=True)
class FunctionPlaces:
    """Finds the logs of functions; what is to be said goes to ``notices``."""

    functions: Functions
    stacks: Stacks
    search: LogSearch
    pool: "Executor"
    notices: list[str]

    def find(self, names: Sequence[str], stack: str | None) -> Iterator[LogPlace]:
        """
        Yield the log of each function that is named; of all functions of a stack, where none is.

        They are asked for side by side: a stack may have a hundred, and each takes two calls.

        Raises:
            NotFoundError: A function or the stack does not exist; the hint names similar ones.
        """
        known = self._of_stack(stack) if stack else {}
        if stack and not known:
            raise NotFoundError(f"the stack {stack} has no Lambda function", hint="name log groups, or another stack")
        wanted = [_plain(each) for each in names or known]
        if stack and (wrong := [each for each in wanted if each not in known and each not in known.values()]):
            raise NotFoundError(
                f"the stack {stack} has no function {wrong[0]}", hint=f"it has: {', '.join(sorted(known))}"
            )
        for place, notices in self.pool.map(self._place, [known.get(each, each) for each in wanted]):
            self.notices.extend(notices)
            yield place

    def _of_stack(self, stack: str, path: str = "") -> dict[str, str]:
        """Return physical names by logical ids; those of stacks in the stack as ``Child/LogicalId``."""
        found: dict[str, str] = {}
        try:
            for each in self.stacks.resources(stack):
                if each.type == _FUNCTION and each.physical_id:
                    found[path + each.logical_id] = each.physical_id
                elif each.type == _STACK and each.physical_id:
                    found |= self._of_stack(each.physical_id, f"{path}{each.logical_id}/")
        except TaskscopeError as error:
            if _MISSING_STACK not in error.message:
                raise
            raise NotFoundError(
                f"there is no stack {stack} in this account and region", hint="check --region and --profile"
            ) from None
        return found

    def _place(self, name: str) -> tuple[LogPlace, list[str]]:
        """Return the log of a function, and what is to be said of it; one that is gone may have left its log."""
        notices: list[str] = []
        gone: NotFoundError | None = None
        log = FunctionLog(name, default_group(name))
        try:
            log = self.functions.log(name)
        except DeniedError as error:
            notices.append(f"{error.message}: the log group of {name} is taken to be {log.group}")
        except NotFoundError:
            gone = NotFoundError(f"there is no function {name} in this account and region", hint=self._hint(name))
        group = None
        with suppress(DeniedError):
            group = self.search.group(log.group)
            if group is None and gone is not None:
                raise gone
            if group is None:
                notices.append(f"function {log.name} has written nothing yet: there is no log group {log.group}")
        place = LogPlace(
            log.group,
            function="" if log.group == default_group(log.name) else log.name,
            arn=live_arn(group) if group else "",
            labels={"function": log.name},
            required=False,
        )
        return place, notices

    def _hint(self, name: str) -> str:
        try:
            names = list(self.functions.names())
        except TaskscopeError:
            names = []
        return similar(name, names) or "check --region and --profile"


def _plain(name: str) -> str:
    """Return the name of a function's ARN, without version or alias."""
    found = _ARN.fullmatch(name)
    return found["name"] if found else name
