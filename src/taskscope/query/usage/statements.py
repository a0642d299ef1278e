"""The SQL of usage: files under ``query/sql/usage``."""

from functools import cache
from importlib.resources import files
from string import Template


@cache
def _template(name: str) -> Template:
    return Template((files("taskscope.query") / "sql" / "usage" / f"{name}.sql").read_text(encoding="utf-8"))


def statement(name: str, **parts: str) -> str:
    """Return a statement; ``parts`` are SQL with values bound."""
    return _template(name).substitute(parts).strip()


def of_cluster(column: str = "ClusterArn") -> str:
    """Return the condition that a cluster is ``{cluster:String}``, by its name or ARN; an empty one means any."""
    return (
        f"({{cluster:String}} = '' OR {column} = {{cluster:String}} "
        f"OR splitByChar('/', {column}::String)[-1] = {{cluster:String}})"
    )


OF_TASK = "({task:String} = '' OR TaskArn = {task:String} OR endsWith(TaskArn, concat('/', {task:String})))"
"""The condition that a task is ``{task:String}``, by its id or ARN; an empty one means any."""
