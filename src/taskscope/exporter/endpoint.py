"""One reading of the task metadata endpoint, however it ends."""

import time

from taskscope.aws.task_metadata import TaskMetadata
from taskscope.errors import TaskscopeError
from taskscope.exporter.reading import Outcome
from taskscope.wire.task_metadata.decode import read

_NO_STATISTICS = b"{}"


def read_endpoint(endpoint: TaskMetadata) -> Outcome:
    """Ask for the task and for the statistics of its containers; without the latter there is the task all the same."""
    began = time.monotonic()
    try:
        task = endpoint.task_answer()
        try:
            stats, error = endpoint.stats_answer(), ""
        except TaskscopeError as failure:
            stats, error = _NO_STATISTICS, failure.message
        reading = read(task, stats)
    except TaskscopeError as failure:
        return Outcome(None, failure.message, time.monotonic() - began)
    return Outcome(reading, error, time.monotonic() - began)
