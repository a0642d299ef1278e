"""The lines around a line, of the same log."""

from typing import Final

from taskscope.errors import NotFoundError
from taskscope.model.log_line import LogLine, LogPage
from taskscope.model.window import Window
from taskscope.query.logs.columns import HASH, STREAMS, TASK, Numbering
from taskscope.query.logs.condition import Condition, at
from taskscope.query.logs.position import Position
from taskscope.query.logs.scan import Scan
from taskscope.query.logs.statements import statement
from taskscope.store.api import Reader

_SPAN_NS: Final = 24 * 3_600_000_000_000
"""How far to each side lines are looked for."""
_MOST_EQUAL: Final = 10_000


def find_line(reader: Reader, cursor: str) -> LogLine:
    """
    Return the line that a cursor stands behind.

    Raises:
        UsageError: It is no cursor.
        NotFoundError: There is no such line, or no more.
    """
    return _equal_lines(reader, Position.parse(cursor))[0]


def _equal_lines(reader: Reader, position: Position) -> list[LogLine]:
    """Return the lines of this time and hash, which are equal in everything."""
    where, parameters = Condition.of(f"{HASH} = toUInt64(?)", str(position.row_hash)).bound()
    when, moments = at(position.time_ns).bound("m")
    question = statement("rows", moments=when, where=where, way="ASC")
    answer = reader.query(question, {**parameters, **moments, "size": _MOST_EQUAL}, max_rows=_MOST_EQUAL)
    lines = [row.line for row in Numbering().rows(answer.rows)]
    if not lines:
        raise NotFoundError("there is no such log record, or no more")
    return lines


def log_context(reader: Reader, cursor: str, before: int = 20, after: int = 20) -> LogPage:
    """
    Return a line between those that the same stream, task and service wrote before and after it, in order of time.

    Raises:
        UsageError: It is no cursor.
        NotFoundError: There is no such line, or no more.
    """
    position = Position.parse(cursor)
    equal = _equal_lines(reader, position)
    number = min(position.nth, len(equal))
    line = equal[number - 1]
    same = Condition.of(
        f"ServiceName = ? AND {STREAMS}[1] = ? AND {TASK} = ?", line.service, line.stream, line.task_arn
    )
    older = _near(reader, same, position._replace(nth=number), before, newest_first=True)
    newer = _near(reader, same, position._replace(nth=len(equal) - number + 1), after, newest_first=False)
    return LogPage((*reversed(older), line, *newer))


def _near(reader: Reader, same: Condition, position: Position, count: int, *, newest_first: bool) -> list[LogLine]:
    window = Window(max(0, position.time_ns - _SPAN_NS), position.time_ns + _SPAN_NS)
    lines: list[LogLine] = []
    for batch in Scan(reader, window, same, newest_first=newest_first).batches(position, max(count, 1)):
        lines += [row.line for row in batch]
        if len(lines) >= count:
            break
    return lines[:count]
