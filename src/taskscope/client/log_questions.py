"""What a selection of logs is for the store: parameters of its questions."""

import re
from typing import Final

from taskscope.errors import NotFoundError
from taskscope.model.log_reading import LogSelection

FUNCTION: Final = re.compile(r"(?:arn:[\w-]+:lambda:[\w-]+:\d*:function:)?([\w-]+)(?::[\w$-]+)?")
"""A function's name, or its ARN."""
_TASK: Final = re.compile(r"(?:^|/)([0-9a-f][0-9a-f-]*)(?:[/?#].*)?$")


def questions(selection: LogSelection) -> list[dict[str, str]]:
    """
    Return the questions that bring what is meant: groups and functions together, and tasks.

    Raises:
        NotFoundError: A stack is meant, which AWS alone knows.
    """
    if selection.stack:
        raise NotFoundError(
            "the store does not know which functions a stack has", hint="ask AWS with --from aws, or name the functions"
        )
    groups = list(selection.groups)
    for each in selection.functions:
        name = found[1] if (found := FUNCTION.fullmatch(each)) else each
        groups += [f"/aws/lambda/{name}", name]
    asked = [{"group": ",".join(map(_group_name, groups))}] if groups else []
    if selection.of_ecs:
        tasks = {"cluster": selection.cluster, "ecs_service": selection.service, "task": _task(selection.task)}
        told = {name: value for name, value in tasks.items() if value}
        if selection.containers:
            told["container"] = ",".join(selection.containers)
        asked.append(told)
    return asked


def _group_name(group: str) -> str:
    """Return the name that an ARN of a log group holds; a name is one already."""
    return group.split(":")[6] if group.startswith("arn:") and group.count(":") >= 6 else group  # noqa: PLR2004 (arn:partition:logs:region:account:log-group:NAME)


def _task(task: str | None) -> str:
    if not task or task.startswith("arn:"):
        return task or ""
    found = _TASK.search(task.partition("?")[0].removesuffix("/configuration"))
    return found[1] if found else task
