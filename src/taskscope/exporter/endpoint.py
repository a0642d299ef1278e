"""One reading of the task metadata endpoint, however it ends."""

import time
from dataclasses import replace

from taskscope.aws.task_metadata import TaskMetadata
from taskscope.errors import TaskscopeError
from taskscope.exporter.reading import Outcome
from taskscope.model.task_metadata import TaskReading
from taskscope.wire.task_metadata.decode import read


def read_endpoint(endpoint: TaskMetadata) -> Outcome:
    """Ask for the task and for the statistics of its containers; without the latter there is the task all the same."""
    began = time.monotonic()
    try:
        reading = _read(endpoint)
    except TaskscopeError as error:
        return Outcome(None, error.message, time.monotonic() - began)
    return Outcome(reading, seconds=time.monotonic() - began)


def _read(endpoint: TaskMetadata) -> TaskReading:
    """
    Read both answers.

    Raises:
        UnreachableError: The endpoint does not tell the task.
        MalformedPayloadError: What it tells is none.
    """
    task = endpoint.task_answer()
    try:
        stats = endpoint.stats_answer()
    except TaskscopeError as error:
        reading = read(task, b"{}")
        return replace(reading, faults=(f"no statistics: {error.message}", *reading.faults))
    return read(task, stats)
