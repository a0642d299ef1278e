"""The two answers of the endpoint that belong together, as one reading."""

import json

from taskscope.errors import MalformedPayloadError
from taskscope.model.task_metadata import TaskReading
from taskscope.wire.task_metadata.stats import read_stats
from taskscope.wire.task_metadata.task import read_task


def read(task_body: bytes, stats_body: bytes) -> TaskReading:
    """
    Read a task and the statistics of its containers.

    Statistics that cannot be read are faults of the reading: its containers are then without.

    Raises:
        MalformedPayloadError: The task itself cannot be read.
    """
    try:
        task = read_task(_json(task_body))
    except ValueError as error:
        raise MalformedPayloadError(f"the task's metadata are no JSON: {error}") from None
    try:
        stats, faults = read_stats(_json(stats_body), task)
    except ValueError as error:
        stats, faults = read_stats({}, task)
        faults = (f"the statistics are no JSON: {error}",)
    return TaskReading(task, stats, faults)


def _json(body: bytes) -> object:
    """
    Decode JSON of any depth that the decoder bears.

    Raises:
        ValueError: It is none, or is cut, or nests deeper.
    """
    try:
        document: object = json.loads(body)
    except RecursionError:
        raise ValueError("it nests too deep") from None
    return document
