"""Where spans and log records come from, as far as both say it: a task's container, or a log group."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple

from taskscope.model.log_line import LogLine
from taskscope.model.span import Span
from taskscope.query.logs.columns import CONTAINER, GROUPS, TASK
from taskscope.query.logs.condition import Condition
from taskscope.query.logs.statements import statement
from taskscope.query.rules.attributes import listed
from taskscope.store.api import Reader

SURE: Final = 0.6
"""Confidence where only one request ran at a place while a line was written there: it may also be of no request."""
_LEAST: Final = 0.05
_LONGEST_NS: Final = 15 * 60_000_000_000
"""Longest request that is looked for around a line; Lambda ends one after 15 minutes."""
_MOST_TRACES: Final = 200
_ARN_GROUP: Final = 6
"""Part of a log group's ARN that names the group, from 0."""


class Place(NamedTuple):
    """One of both is empty."""

    task_arn: str
    group: str
    container: str = ""
    """Of the task; empty where it is not known."""

    @property
    def of_spans(self) -> Condition:
        """The condition of spans from here."""
        if self.task_arn:
            return Condition.of("simpleJSONExtractString(Resource, 'aws.ecs.task.arn') = ?", self.task_arn)
        return Condition.any(
            Condition.of("position(simpleJSONExtractString(Resource, 'aws.log.group.names'), ?) > 0", self.group),
            Condition.of("position(simpleJSONExtractString(Resource, 'aws.log.group.arns'), ?) > 0", self.group),
        )

    @property
    def of_logs(self) -> Condition:
        """The condition of log records from here."""
        if not self.task_arn:
            return Condition.of(f"has({GROUPS}, ?)", self.group)
        task = Condition.of(f"{TASK} = ?", self.task_arn)
        return (
            Condition.all(task, Condition.of(f"has(['', ?], {CONTAINER})", self.container)) if self.container else task
        )


def place_of_span(span: Span) -> Place | None:
    """Return where a span was made; None where its sender does not say."""
    found = places_of_resource(span.resource.attributes)
    return found[0] if found else None


def places_of_resource(resource: Mapping[str, Any]) -> Sequence[Place]:
    """Return the task's container; without a task the log groups."""
    if task := str(resource.get("aws.ecs.task.arn") or ""):
        return [Place(task, "", str(resource.get("container.name") or ""))]
    names = _texts(resource.get("aws.log.group.names"))
    arns = (each.split(":") for each in _texts(resource.get("aws.log.group.arns")))
    names += [parts[_ARN_GROUP] for parts in arns if len(parts) > _ARN_GROUP]
    return [Place("", name) for name in dict.fromkeys(names)]


def _texts(value: object) -> list[str]:
    """Read a list, a list in JSON, or one text with ``&`` between its parts."""
    if isinstance(value, list | tuple):
        return [str(each) for each in value]
    return [part for each in listed(str(value or "")) for part in each.split("&") if part]


def place_of_line(line: LogLine) -> Place | None:
    """Return where a log record was written."""
    if line.task_arn:
        return Place(line.task_arn, "", line.container)
    found = places_of_resource(line.resource)
    return found[0] if found else None


def running_traces(reader: Reader, place: Place, start_ns: int, end_ns: int) -> Sequence[str]:
    """Return the traces that had a span under way at a place."""
    where, parameters = place.of_spans.bound()
    parameters |= {"from": start_ns - _LONGEST_NS, "start": start_ns, "end": end_ns, "size": _MOST_TRACES}
    answer = reader.query(statement("running_traces", where=where), parameters, max_rows=_MOST_TRACES)
    return [trace for [trace] in answer.rows]


def confidence(traces: Iterable[str]) -> float:
    """Return how sure it is that a line belongs to one of the traces that ran."""
    return max(_LEAST, SURE / max(1, len(list(traces))))
