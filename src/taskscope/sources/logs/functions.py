"""The log groups of Lambda functions: by name, ARN, or as a CloudFormation stack has them."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from taskscope.aws.functions import FunctionLog, Functions, default_group
from taskscope.aws.log_search import LogSearch
from taskscope.aws.stacks import Stacks
from taskscope.errors import DeniedError, NotFoundError, TaskscopeError
from taskscope.sources.logs.groups import live_arn, similar
from taskscope.sources.logs.place import LogPlace

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
    notices: list[str]

    def find(self, names: Sequence[str], stack: str | None) -> Iterator[LogPlace]:
        """
        Yield the log of each function that is named; of all functions of a stack, where none is.

        Raises:
            NotFoundError: A function or the stack does not exist; the hint names similar ones.
        """
        known = self._of_stack(stack) if stack else {}
        if stack and not known:
            raise NotFoundError(f"the stack {stack} has no Lambda function", hint="name log groups, or another stack")
        for name in names or known:
            plain = _plain(name)
            if stack and plain not in known and plain not in known.values():
                raise NotFoundError(
                    f"the stack {stack} has no function {name}", hint=f"it has: {', '.join(sorted(known))}"
                )
            yield self._place(known.get(plain, plain))

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

    def _place(self, name: str) -> LogPlace:
        log, forgotten = self._log(name)
        try:
            group = self.search.group(log.group)
        except DeniedError:
            group = None
        else:
            if group is None and forgotten is not None:
                raise forgotten
            if group is None:
                self.notices.append(f"function {log.name} has written nothing yet: there is no log group {log.group}")
        return LogPlace(
            log.group,
            function="" if log.group == default_group(log.name) else log.name,
            arn=live_arn(group) if group else "",
            labels={"function": log.name},
            required=False,
        )

    def _log(self, name: str) -> tuple[FunctionLog, NotFoundError | None]:
        """Return the log of a function; for one that is gone where it was, with the error if it is not there either."""
        try:
            return self.functions.log(name), None
        except DeniedError as error:
            self.notices.append(f"{error.message}: the log group of {name} is taken to be {default_group(name)}")
            return FunctionLog(name, default_group(name)), None
        except NotFoundError:
            gone = NotFoundError(f"there is no function {name} in this account and region", hint=self._hint(name))
            return FunctionLog(name, default_group(name)), gone

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
