"""
Container Insights' performance events of tasks and containers.

Schema and units: Amazon CloudWatch user guide, "Container Insights performance log events for Amazon ECS" and "Amazon
ECS Container Insights metrics". CPU is in units of 1,024 for a CPU, memory in MiB under the name of megabytes, network
in bytes a second, storage in bytes since the start.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple, TypeGuard

import msgspec

from taskscope.clock import MILLISECOND
from taskscope.errors import MalformedPayloadError
from taskscope.model import container_metrics as metrics
from taskscope.model.container_metrics import DIRECTION_OF_DISK, DIRECTION_OF_NETWORK
from taskscope.model.metric import Datapoint, Metric
from taskscope.model.resource import Resource
from taskscope.wire.insights.resources import task_attributes

_UNITS: Final = 1 / 1024
"""Of a CPU."""
_MIB: Final = 1 << 20
_GB: Final = 10**9
_LATEST_MS: Final = (1 << 63) // MILLISECOND
_MOST: Final = 1 << 64


class _Figure(NamedTuple):
    member: str
    metric: Metric
    factor: float = 1.0
    attributes: Mapping[str, str] = {}
    is_limit: bool = False
    """Then 0 stands for none."""


def _ways(attribute: str, metric: Metric, members: Mapping[str, str]) -> list[_Figure]:
    return [_Figure(member, metric, attributes={attribute: way}) for member, way in members.items()]


_STORAGE: Final = {"StorageReadBytes": "read", "StorageWriteBytes": "write"}
_NETWORK: Final = {"NetworkRxBytes": "receive", "NetworkTxBytes": "transmit"}
_FIGURES: Final = {
    "Container": [
        _Figure("CpuUtilized", metrics.CPU_USAGE, _UNITS),
        _Figure("CpuReserved", metrics.CPU_RESERVED, _UNITS, is_limit=True),
        _Figure("MemoryUtilized", metrics.MEMORY_WORKING_SET, _MIB),
        _Figure("MemoryReserved", metrics.MEMORY_LIMIT, _MIB, is_limit=True),
        *_ways(DIRECTION_OF_DISK, metrics.DISK_IO, _STORAGE),
        *_ways(DIRECTION_OF_NETWORK, metrics.NETWORK_RATE, _NETWORK),
    ],
    "Task": [
        _Figure("CpuUtilized", metrics.TASK_CPU_USAGE, _UNITS),
        _Figure("CpuReserved", metrics.TASK_CPU_LIMIT, _UNITS, is_limit=True),
        _Figure("MemoryUtilized", metrics.TASK_MEMORY_WORKING_SET, _MIB),
        _Figure("MemoryReserved", metrics.TASK_MEMORY_LIMIT, _MIB, is_limit=True),
        _Figure("EphemeralStorageUtilized", metrics.TASK_EPHEMERAL_USAGE, _GB),
        _Figure("EphemeralStorageReserved", metrics.TASK_EPHEMERAL_LIMIT, _GB, is_limit=True),
        *_ways(DIRECTION_OF_DISK, metrics.TASK_DISK_IO, _STORAGE),
        *_ways(DIRECTION_OF_NETWORK, metrics.TASK_NETWORK_RATE, _NETWORK),
    ],
}


class _Body(msgspec.Struct):
    cluster_arn: str
    messages: list[str]


_BODY: Final = msgspec.json.Decoder(_Body)


class Decoded(NamedTuple):
    """What a body holds."""

    points: list[Datapoint]
    refused: list[str]
    """Why others of its events make no points."""


def decode_performance(body: bytes) -> Decoded:
    """
    Read ``{cluster_arn, messages}``; events of other types than tasks and containers are passed over.

    Raises:
        MalformedPayloadError: The body is something else.
    """
    try:
        found = _BODY.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise MalformedPayloadError(f"the body holds no performance events: {error}") from None
    decoded = Decoded([], [])
    for message in found.messages:
        try:
            decoded.points.extend(_points(found.cluster_arn, message))
        except MalformedPayloadError as error:
            decoded.refused.append(str(error))
    return decoded


def task_id_of(message: str) -> str:
    """Return whose event it is; empty where it does not say."""
    try:
        event = msgspec.json.decode(message)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return ""
    found = event.get("TaskId") if isinstance(event, dict) else ""
    return found if isinstance(found, str) else ""


def _points(cluster_arn: str, message: str) -> Iterator[Datapoint]:
    event = _read(message)
    figures = _FIGURES.get(event.get("Type", ""))
    if figures is None:
        return
    time_ms = event.get("Timestamp")
    if type(time_ms) is not int or not 0 < time_ms < _LATEST_MS or not event.get("TaskId"):
        raise MalformedPayloadError("a performance event has no TaskId or no Timestamp in milliseconds")
    resource = Resource(task_attributes(cluster_arn, event))
    for each in figures:
        value = event.get(each.member)
        if _is_figure(value) and not (each.is_limit and value <= 0):
            yield Datapoint(each.metric, each.attributes, time_ms * MILLISECOND, value * each.factor, resource)


def _is_figure(value: object) -> TypeGuard[int | float]:
    """Whether this is a number that a machine has of anything; whoever may write to the log group may write others."""
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= _MOST


def _read(message: str) -> dict[str, Any]:
    try:
        event = msgspec.json.decode(message)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise MalformedPayloadError(f"a performance event is no JSON: {error}") from None
    if not isinstance(event, dict) or not isinstance(event.get("Type"), str):
        raise MalformedPayloadError("a performance event is no object with a Type")
    return event
