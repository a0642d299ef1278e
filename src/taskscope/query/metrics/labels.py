"""Which labels the series of a metric have, and which values."""

from collections.abc import Iterable
from typing import Final

from taskscope.errors import UsageError
from taskscope.model.metric_series import LabelValues
from taskscope.model.window import Window
from taskscope.query.metrics.entries import describe
from taskscope.query.metrics.matchers import matching, read_matcher, telling
from taskscope.query.metrics.statements import TABLES, statement
from taskscope.store.api import Reader

MAX_VALUES: Final = 1_000


def list_labels(
    reader: Reader,
    window: Window,
    *,
    name: str,
    kind: str = "",
    where: Iterable[str] = (),
    label: str = "",
    limit: int = 20,
) -> tuple[LabelValues, ...]:
    """
    Return the labels of a metric's series in a window, by name, each with so many of its values; or one of them.

    Raises:
        UsageError: A matcher does not read, or the limit is out of bounds.
        NotFoundError: Nobody sent the metric in the window.
        AmbiguousError: It was sent as several kinds, and none is named.
        TaskscopeError: The store does not answer.
    """
    if not 0 < limit <= MAX_VALUES:
        raise UsageError(f"a limit of {limit}: it is between 1 and {MAX_VALUES}")
    chosen, parameters = matching(map(read_matcher, where), {}).bound()
    entry = describe(reader, window, name, kind)
    sets = statement("label_sets", table=TABLES[entry.kind], where=chosen)
    asked = {"name": name, "start": window.start_ns, "end": window.end_ns, "label": label, "values": limit}
    with telling():
        rows = reader.query(statement("labels", sets=sets), {**parameters, **asked}).rows
    return tuple(LabelValues(each, tuple(values), int(total)) for each, values, total in rows)
