"""Which log groups and streams there are."""

from taskscope.model.log_line import LogGroup
from taskscope.model.window import Window
from taskscope.query.logs.condition import between
from taskscope.query.logs.statements import statement
from taskscope.store.api import Reader


def list_groups(reader: Reader, window: Window, *, limit: int = 1_000) -> tuple[LogGroup, ...]:
    """Return the groups and streams that wrote in a window, those with the newest lines first."""
    where, parameters = between(*window).bound()
    question = statement("groups", where=where)
    answer = reader.query(question, parameters | {"size": limit}, max_rows=limit)
    return tuple(LogGroup(*row) for row in answer.rows)
