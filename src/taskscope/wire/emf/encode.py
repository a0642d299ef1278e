"""
Datapoints as EMF documents.

Limits of the format: 100 metrics in a directive, 30 dimensions in a set, 100 values of a metric, a log event of 256 kB;
metrics and dimensions are members of the document's root.
"""

import json
from collections.abc import Iterator, Sequence
from typing import Any, Final, NamedTuple

from taskscope.clock import MILLISECOND
from taskscope.errors import UsageError
from taskscope.model.metric import Datapoint
from taskscope.model.resource import Resource
from taskscope.wire.emf.members import RESERVED, Members, members_of, metric_name
from taskscope.wire.emf.values import EmfMetric, Unfit, metrics_of

MAX_METRICS: Final = 100
MAX_DOCUMENT_BYTES: Final = 262_144
_MAX_NAMESPACE: Final = 256
_DECLARATION_BYTES: Final = 64
"""What a metric costs beside its name, twice, and its value: braces, quotes, a unit."""
_ENVELOPE_BYTES: Final = 2048
"""The directive without its metrics, and the 26 bytes that CloudWatch Logs counts for each event."""


class EmfDocument(NamedTuple):
    """One log event."""

    time_ms: int
    body: str
    resource: Resource
    """Of all its datapoints."""


class Unencoded(NamedTuple):
    """A datapoint that has no form in EMF, and why."""

    position: int
    reason: str


class Encoded(NamedTuple):
    """Documents in the order of their first datapoints."""

    documents: list[EmfDocument]
    unencoded: list[Unencoded]


class _Group(NamedTuple):
    """What the datapoints of one document share."""

    time_ms: int
    resource: Resource
    members: Members


def check_namespace(namespace: str) -> None:
    """
    Check the name under which CloudWatch shows the metrics.

    Raises:
        UsageError: It is empty, too long, or one of AWS's own.
    """
    if not 0 < len(namespace) <= _MAX_NAMESPACE or namespace.startswith("AWS/"):
        raise UsageError(f"the namespace is {namespace!r}", hint="1 to 256 characters that do not begin with AWS/")


def encode(
    datapoints: Sequence[Datapoint], *, namespace: str, resource_dimensions: Sequence[str] = ("service.name",)
) -> Encoded:
    """
    Write datapoints; those of equal dimensions, time (to the millisecond) and resource share documents.

    Dimensions are the attributes of a datapoint and the named ones of its resource, as one set. A second datapoint of a
    series at the same time goes into a document of its own: CloudWatch counts both.
    """
    groups: dict[_Group, list[EmfMetric]] = {}
    unencoded = []
    for position, point in enumerate(datapoints):
        try:
            metrics = [found._replace(name=metric_name(found.name)) for found in metrics_of(point)]
        except Unfit as verdict:
            unencoded.append(Unencoded(position, str(verdict)))
            continue
        if metrics:
            members = members_of(point, resource_dimensions, {found.name for found in metrics})
            groups.setdefault(_Group(point.time_ns // MILLISECOND, point.resource, members), []).extend(metrics)
    documents = [
        EmfDocument(group.time_ms, _write(group, metrics, namespace), group.resource)
        for group, all_metrics in groups.items()
        for metrics in _divide(group, all_metrics)
    ]
    return Encoded(documents, unencoded)


def _divide(group: _Group, metrics: Sequence[EmfMetric]) -> Iterator[list[EmfMetric]]:
    """Yield what fits into one document: each name once, a hundred at most, and no more bytes than allowed."""
    seen: dict[str, int] = {}
    rounds: list[list[EmfMetric]] = []
    for metric in metrics:
        turn = seen[metric.name] = seen.get(metric.name, -1) + 1
        if turn == len(rounds):
            rounds.append([])
        rounds[turn].append(metric)
    names = [name for name, _ in group.members.dimensions]
    room = MAX_DOCUMENT_BYTES - _ENVELOPE_BYTES - len(_json(group.members)) - len(_json(names))
    for each in rounds:
        part: list[EmfMetric] = []
        used = 0
        for metric in each:
            size = len(_json(metric.value)) + 2 * len(_json(metric.name)) + _DECLARATION_BYTES
            if part and (len(part) == MAX_METRICS or used + size > room):
                yield part
                part, used = [], 0
            part.append(metric)
            used += size
        yield part


def _write(group: _Group, metrics: Sequence[EmfMetric], namespace: str) -> str:
    directive = {
        "Namespace": namespace,
        "Dimensions": [[name for name, _ in group.members.dimensions]],
        "Metrics": [{"Name": metric.name, "Unit": metric.unit or "None"} for metric in metrics],
    }
    root: dict[str, Any] = {RESERVED: {"Timestamp": group.time_ms, "CloudWatchMetrics": [directive]}}
    root |= dict(group.members.dimensions) | dict(group.members.further)
    root |= {metric.name: metric.value for metric in metrics}
    return _json(root)


def _json(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"), allow_nan=False)
